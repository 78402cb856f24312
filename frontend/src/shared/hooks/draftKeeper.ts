export const SAVE_AFTER_MILLISECONDS = 1000;
export const RETRY_AFTER_MILLISECONDS = 5000;

/** `kept`: on this machine until the server can be reached; `unkept`: in this page only. */
export type DraftState = "clean" | "unsaved" | "saving" | "saved" | "kept" | "unkept";

export interface DraftStore<Value> {
  /** Store the value at the server. `leaving`: the page may be gone before the answer comes. */
  save: (value: Value, leaving: boolean) => Promise<unknown>;
  /** Keep a copy on this machine; false when it takes none. */
  keep: (value: Value) => boolean;
  /** The copy is needed no more. */
  forget: () => void;
}

/** Saves a value a second after its last change, one save at a time, and tries again when a save fails. */
export class DraftKeeper<Value> {
  private latest: Value;
  private isUnsaved = false;
  private isKept = true;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isSaving = false;
  private isClosed = false;

  constructor(
    initial: Value,
    private readonly store: DraftStore<Value>,
    private readonly onState: (state: DraftState) => void,
  ) {
    this.latest = initial;
  }

  change(value: Value): void {
    if (value !== this.latest) this.take(value);
  }

  /** The value has changed, or was found on this machine only: it is to be saved. */
  take(value: Value): void {
    if (this.isClosed) return;
    this.latest = value;
    this.isUnsaved = true;
    this.isKept = this.store.keep(value);
    if (!this.isSaving) this.onState("unsaved");
    this.schedule(SAVE_AFTER_MILLISECONDS);
  }

  /** Save now what is not saved yet. */
  async flush(leaving = false): Promise<void> {
    if (this.isClosed || !this.isUnsaved || (this.isSaving && !leaving)) return;
    clearTimeout(this.timer);
    const sent = this.latest;
    this.isSaving = true;
    this.onState("saving");
    try {
      await this.store.save(sent, leaving);
      this.accept(sent);
    } catch {
      this.fail();
    } finally {
      this.isSaving = false;
    }
  }

  /** Stop saving: the work has been handed in. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.store.forget();
  }

  private accept(sent: Value): void {
    if (this.isClosed) return;
    if (this.latest !== sent) {
      this.schedule(SAVE_AFTER_MILLISECONDS);
      return;
    }
    this.isUnsaved = false;
    this.onState("saved");
  }

  private fail(): void {
    if (this.isClosed) return;
    this.onState(this.isKept ? "kept" : "unkept");
    this.schedule(RETRY_AFTER_MILLISECONDS);
  }

  private schedule(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), milliseconds);
  }
}
