import { mount } from 'svelte';
import App from './App.svelte';
import { start } from './app.ts';

const target = document.getElementById('app');
if (target !== null) {
  mount(App, { target });
  start();
}
