import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { Import, ImportPreview } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { ReadingForm } from "./ReadingForm";

const row = { id: 1, file_name: "essays.txt", format: "auto", options: {} } as unknown as Import;
const preview = (format: string) => ({ format, table: null }) as unknown as ImportPreview;

it("lets plain text be read by paragraphs or lines", async () => {
  fakeNetwork(() => undefined);
  const onChange = vi.fn();
  show(<ReadingForm row={row} preview={preview("text")} onChange={onChange} />);
  const unit = await screen.findByRole("combobox", { name: "A document is" });
  expect(unit).toHaveValue("The whole file");
  await userEvent.click(unit);
  await userEvent.click(await screen.findByRole("option", { name: "A paragraph" }));
  expect(onChange).toHaveBeenCalledWith({ format: "auto", options: { text_unit: "paragraph" } });
});

it("asks nothing of the kind of other files", async () => {
  fakeNetwork(() => undefined);
  show(<ReadingForm row={row} preview={preview("hh_rlhf")} onChange={() => undefined} />);
  expect(await screen.findByRole("combobox", { name: "Format" })).toBeVisible();
  expect(screen.queryByRole("combobox", { name: "A document is" })).not.toBeInTheDocument();
});
