import { useEffect, useSyncExternalStore } from "react";

/** Make a hook for a module that is fetched when it is first wanted; until it is here, and where it is not wanted, undefined. */
export function whenWanted<Module>(load: () => Promise<Module>): (isWanted: boolean) => Module | undefined {
  let loaded: Module | undefined;
  const listeners = new Set<() => void>();
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  // A fetch that fails leaves the page as it is; the next one to want the module tries again.
  const start = () =>
    load().then(
      (module) => {
        loaded = module;
        listeners.forEach((listener) => listener());
      },
      () => undefined,
    );
  return function useModule(isWanted) {
    const module = useSyncExternalStore(subscribe, () => loaded);
    useEffect(() => {
      if (isWanted && module === undefined) void start();
    }, [isWanted, module]);
    return isWanted ? module : undefined;
  };
}
