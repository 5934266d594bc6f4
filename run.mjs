import { build } from 'vite';
import { gzipSync } from 'node:zlib';
for (const f of ['a', 'b', 'c']) {
  const out = await build({
    logLevel: 'error',
    configFile: false,
    root: '.',
    build: { write: false, lib: { entry: f + '.js', formats: ['es'] }, minify: true, target: 'es2022' },
  });
  const code = [out].flat()[0].output[0].code;
  console.log(f, code.length, gzipSync(code, { level: 9 }).length, gzipSync(code.replace(/\s+\/\/.*$/gm, ''), { level: 9 }).length);
}
