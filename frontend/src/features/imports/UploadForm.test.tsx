import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { UploadForm } from "./UploadForm";

async function opened() {
  fakeNetwork(() => undefined);
  show(<UploadForm projectId={1} onUploaded={() => undefined} />);
  return { user: userEvent.setup(), format: await screen.findByRole("combobox", { name: "Format" }) };
}

it("says of each format what it holds, and asks for its columns", async () => {
  const { user, format } = await opened();
  expect(screen.queryByLabelText("Completion column")).toBeNull();
  await user.click(format);
  await user.click(screen.getByRole("option", { name: "Label Studio JSON" }));
  expect(screen.getByText(/Pairwise and Ranker/)).toBeVisible();
  expect(screen.getByLabelText("Completion column")).toHaveAttribute("placeholder", "answer1,answer2");
  await user.click(format);
  await user.click(screen.getByRole("option", { name: "Tulu evaluation workbook" }));
  expect(screen.queryByLabelText("Completion column")).toBeNull();
});

it("asks for the sheet of a workbook, and of nothing else", async () => {
  const { user } = await opened();
  const input = document.querySelector<HTMLInputElement>("input[type=file]");
  await user.upload(input as HTMLInputElement, new File(["x"], "judgements.jsonl"));
  expect(screen.queryByLabelText("Sheet")).toBeNull();
  await user.upload(input as HTMLInputElement, new File(["x"], "Judgements.XLSX"));
  expect(screen.getByLabelText("Sheet")).toBeVisible();
});
