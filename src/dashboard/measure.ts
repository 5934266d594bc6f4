/** How wide a text of the page is, at 12 px. */
const canvas = document.createElement('canvas').getContext('2d');
if (canvas !== null) canvas.font = `12px ${getComputedStyle(document.documentElement).fontFamily}`;

export const textWidth = (text: string): number => canvas?.measureText(text).width ?? text.length * 7;
