import { mount } from 'svelte';
import App from './App.svelte';
import { start } from './app.ts';
import { showTheme } from './shell/theme.ts';

const target = document.getElementById('app');
if (target !== null) {
  showTheme();
  mount(App, { target });
  start();
}
