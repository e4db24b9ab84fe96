import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** Compressed siblings of what compresses well: the static server picks them by name, nothing is compressed per request. */
function compressed(): Plugin {
  return {
    name: "compressed-siblings",
    apply: "build",
    writeBundle(options, bundle) {
      for (const name of Object.keys(bundle)) {
        if (!/\.(js|mjs|css|svg)$/.test(name)) continue;
        const path = join(options.dir ?? ".", name);
        const raw = readFileSync(path);
        if (raw.length < 1024) continue;
        writeFileSync(`${path}.gz`, gzipSync(raw, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
      }
    },
  };
}

const A_DAY = 24 * 60 * 60 * 1000;

/**
 * A server may be running, and pages of the last build may be open: its files stay for a day, and the manifest comes last, at one stroke,
 * so that it never names a file that is not there.
 */
function handedOver(): Plugin {
  return {
    name: "handed-over",
    apply: "build",
    writeBundle: {
      order: "post",
      sequential: true,
      handler(options, bundle) {
        const place = options.dir ?? ".";
        renameSync(join(place, NEXT_MANIFEST), join(place, "manifest.json"));
        const made = new Set([...Object.keys(bundle), "manifest.json"]);
        for (const entry of readdirSync(place, { recursive: true, withFileTypes: true })) {
          if (!entry.isFile()) continue;
          const path = join(entry.parentPath, entry.name);
          const name = relative(place, path).replaceAll("\\", "/");
          if (!made.has(name.replace(/\.(br|gz)$/, "")) && Date.now() - statSync(path).mtimeMs > A_DAY) rmSync(path);
        }
      },
    },
  };
}

/** The licences of everything that is bundled, in full: they ask to go along with every copy. */
function licences(): Plugin {
  return {
    name: "licences",
    apply: "build",
    generateBundle() {
      const lock = JSON.parse(readFileSync(join(import.meta.dirname, "package-lock.json"), "utf-8"));
      const texts = Object.entries<{ dev?: boolean; version?: string; license?: string }>(lock.packages)
        .filter(([place, told]) => place && !told.dev)
        .map(([place, told]) => {
          const folder = join(import.meta.dirname, place);
          const files = readdirSync(folder).filter((name) => /^(licen[cs]e|notice|copying)/i.test(name));
          const heading = `${place.split("node_modules/").pop()} ${told.version} (${told.license ?? "see below"})`;
          return [heading, ...files.sort().map((name) => readFileSync(join(folder, name), "utf-8").trim())].join("\n\n");
        });
      this.emitFile({ type: "asset", fileName: "licences.txt", source: texts.join(`\n\n${"=".repeat(78)}\n\n`) + "\n" });
    },
  };
}

const NEXT_MANIFEST = "manifest.next.json";

export default defineConfig({
  // Relative addresses, so that the bundle does not care where STATIC_URL points.
  base: "./",
  build: {
    outDir: resolve(import.meta.dirname, "../src/bangfu/kit/static/kit/dist"),
    emptyOutDir: false,
    manifest: NEXT_MANIFEST,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: true,
    target: ["es2022", "chrome94", "firefox93", "safari15.4"],
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      // htmx carries an eval that `allowEval` and the content security policy both keep from running
      checks: { eval: false, pluginTimings: false },
      input: { main: "src/main.ts", map: "src/map.ts", phone: "src/phone.ts", report: "src/report.ts", sign: "src/sign.ts", fonts: "src/styles/fonts.css" },
      output: {
        entryFileNames: "[name]-[hash].js",
        chunkFileNames: "chunks/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  worker: { format: "es", rolldownOptions: { output: { entryFileNames: "[name]-[hash].js" } } },
  plugins: [licences(), compressed(), handedOver()],
});
