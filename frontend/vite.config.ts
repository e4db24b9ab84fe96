import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** Compressed siblings of what compresses well: the static server picks them by name, nothing is compressed per request. */
function compressed(): Plugin {
  return {
    name: "compressed-siblings",
    apply: "build",
    writeBundle(options, bundle) {
      for (const name of Object.keys(bundle)) {
        if (!/\.(js|mjs|css|svg|json)$/.test(name) || name.includes(".vite/")) continue;
        const path = join(options.dir ?? ".", name);
        const raw = readFileSync(path);
        if (raw.length < 1024) continue;
        writeFileSync(`${path}.gz`, gzipSync(raw, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
      }
    },
  };
}

export default defineConfig({
  // Relative addresses, so that the bundle does not care where STATIC_URL points.
  base: "./",
  build: {
    outDir: resolve(import.meta.dirname, "../src/bangfu/kit/static/kit/dist"),
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: true,
    target: ["es2022", "chrome94", "firefox93", "safari15.4"],
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      // htmx carries an eval that `allowEval` and the content security policy both keep from running
      checks: { eval: false, pluginTimings: false },
      input: { main: "src/main.ts", map: "src/map.ts", fonts: "src/styles/fonts.css" },
      output: {
        entryFileNames: "[name]-[hash].js",
        chunkFileNames: "chunks/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  worker: { format: "es", rolldownOptions: { output: { entryFileNames: "[name]-[hash].js" } } },
  plugins: [compressed()],
});
