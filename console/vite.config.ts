import { defineConfig } from 'vite'

// The service serves the files from the jar, with a strict Content Security Policy: no inline scripts or styles, no `data:`.
export default defineConfig({
  build: {
    outDir: 'target/classes/console',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    // `npx vite` beside a running service, for work on the console.
    proxy: { '^/(api|v1|openapi.json|docs)': 'http://127.0.0.1:8080' },
  },
})
