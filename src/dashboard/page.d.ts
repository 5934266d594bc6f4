/** Of the package that the page was built from. */
declare const PAGE_VERSION: string;
