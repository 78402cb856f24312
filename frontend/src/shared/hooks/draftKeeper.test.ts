import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DraftKeeper, RETRY_AFTER_MILLISECONDS, SAVE_AFTER_MILLISECONDS, type DraftState } from "./draftKeeper";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function keeperOf(save: (value: string) => Promise<unknown> = () => Promise.resolve(), hasRoom = true) {
  const saved: string[] = [];
  const kept: string[] = [];
  const forget = vi.fn();
  const states: DraftState[] = [];
  const keeper = new DraftKeeper(
    "",
    {
      save: (value) => {
        saved.push(value);
        return save(value);
      },
      keep: (value) => hasRoom && kept.push(value) > 0,
      forget,
    },
    (state) => states.push(state),
  );
  return { keeper, saved, kept, forget, states };
}

describe("a draft", () => {
  it("is saved once, a second after the last of several changes", async () => {
    const { keeper, saved, states } = keeperOf();
    keeper.change("a");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MILLISECONDS - 1);
    keeper.change("ab");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MILLISECONDS - 1);
    expect(saved).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(saved).toEqual(["ab"]);
    expect(states.at(-1)).toBe("saved");
  });

  it("is kept on this machine at once, in the turn of the change", () => {
    const { keeper, kept } = keeperOf();
    keeper.change("a");
    keeper.change("ab");
    expect(kept).toEqual(["a", "ab"]);
  });

  it("that neither the server nor this machine takes is said to be in the page only", async () => {
    const { keeper, states } = keeperOf(() => Promise.reject(new Error("offline")), false);
    keeper.change("a");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MILLISECONDS);
    expect(states.at(-1)).toBe("unkept");
  });

  it("is not saved again when nothing changed", async () => {
    const { keeper, saved } = keeperOf();
    keeper.change("a");
    await keeper.flush();
    await keeper.flush(true);
    keeper.change("a");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MILLISECONDS);
    expect(saved).toEqual(["a"]);
  });

  it("that changes while it is being saved is saved again", async () => {
    let release: (() => void) | undefined;
    const { keeper, saved, states } = keeperOf(() => new Promise<void>((resolve) => (release = resolve)));
    keeper.change("a");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MILLISECONDS);
    keeper.change("ab");
    release?.();
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MILLISECONDS);
    release?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(saved).toEqual(["a", "ab"]);
    expect(states.at(-1)).toBe("saved");
  });

  it("that could not be saved is tried again until it is", async () => {
    let failures = 2;
    const { keeper, saved, states } = keeperOf(() =>
      failures-- > 0 ? Promise.reject(new Error("offline")) : Promise.resolve(),
    );
    keeper.change("a");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MILLISECONDS);
    expect(states.at(-1)).toBe("kept");
    await vi.advanceTimersByTimeAsync(2 * RETRY_AFTER_MILLISECONDS);
    expect(saved).toEqual(["a", "a", "a"]);
    expect(states.at(-1)).toBe("saved");
  });

  it("is left alone once the work is handed in", async () => {
    const { keeper, saved, kept, forget } = keeperOf();
    keeper.change("a");
    keeper.close();
    keeper.change("b");
    await vi.advanceTimersByTimeAsync(RETRY_AFTER_MILLISECONDS);
    expect(saved).toEqual([]);
    expect(kept).toEqual(["a"]);
    expect(forget).toHaveBeenCalledOnce();
  });
});
