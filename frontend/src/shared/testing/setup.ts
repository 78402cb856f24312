import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeAll } from "vitest";
import { addProjectWords, startI18n } from "@/shared/i18n/i18n";

// What Mantine asks of a browser and jsdom does not have.
window.matchMedia = (query) =>
  ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as unknown as MediaQueryList;
window.ResizeObserver = class {
  observe = () => undefined;
  unobserve = () => undefined;
  disconnect = () => undefined;
};
Element.prototype.scrollIntoView = () => undefined;
window.scrollTo = () => undefined;
Object.defineProperty(document, "fonts", { value: new EventTarget() });

// A busy two-core machine needs several times the second that an idle one is given.
configure({ asyncUtilTimeout: 8_000 });

beforeAll(async () => {
  await startI18n("en");
  await addProjectWords();
});
afterEach(() => {
  cleanup();
  localStorage.clear();
});
