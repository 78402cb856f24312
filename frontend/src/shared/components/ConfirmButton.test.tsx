import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { show } from "@/shared/testing/show";
import { ConfirmButton } from "./ConfirmButton";

const onConfirm = vi.fn();

async function ask() {
  onConfirm.mockClear();
  show(<ConfirmButton label="Remove" question="Remove Ada?" detail="Her answers stay." onConfirm={onConfirm} />);
  const user = userEvent.setup();
  await screen.findByRole("button", { name: "Remove" }).then((button) => button.focus());
  await user.keyboard("{Enter}");
  expect(await screen.findByRole("dialog", { name: "Remove Ada?" })).toBeVisible();
  return user;
}

it("puts the harmless answer in focus, so that a second Enter does no harm", async () => {
  const user = await ask();
  await waitFor(() => expect(screen.getByRole("button", { name: "Go back" })).toHaveFocus());
  await user.keyboard("{Enter}");
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(onConfirm).not.toHaveBeenCalled();
});

it("is left with Escape", async () => {
  const user = await ask();
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(onConfirm).not.toHaveBeenCalled();
});

it("does it when told to by keyboard, once", async () => {
  const user = await ask();
  await waitFor(() => expect(screen.getByRole("button", { name: "Go back" })).toHaveFocus());
  await user.keyboard("{Tab}{Enter}");
  expect(onConfirm).toHaveBeenCalledOnce();
});
