// One build for all pages: hashed files in dist/assets, found by the pages through the manifest.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/",
  build: {
    target: "es2022",
    manifest: true,
    outDir: "dist",
    emptyOutDir: true,
    rollupOptions: {
      input: ["src/site.js", "src/case.js", "src/site.css"],
    },
  },
});
