// One build for all pages: hashed files in dist/assets, found by the pages through the manifest.
import { defineConfig } from "vite";
import { icons } from "./tools/icons.mjs";

export default defineConfig({
  base: "/",
  plugins: [icons()],
  build: {
    target: "es2022",
    // Browsers inside city apps are some years behind: newer CSS is written out for them.
    cssTarget: ["chrome111", "safari16.4"],
    manifest: true,
    outDir: "dist",
    emptyOutDir: true,
    // Files of their own: charts for boards (550 kB, 186 on the way), the map for its pages (1070, 290).
    chunkSizeWarningLimit: 1100,
    rollupOptions: {
      // Plugin timings are of no use when installing.
      checks: { bundlerTimings: false },
      input: [
        "src/site.js",
        "src/case.js",
        "src/board.js",
        "src/inbox.js",
        "src/map/main.js",
        "src/wall.js",
        "src/site.css",
        "src/offline/worker.js",
      ],
    },
  },
});
