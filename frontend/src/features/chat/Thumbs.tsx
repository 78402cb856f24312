import { ActionIcon, Button, Checkbox, Popover, Stack, Textarea } from "@mantine/core";
import { IconThumbDown, IconThumbUp } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ChatTurn } from "@/shared/api/types";
import type { Thumb } from "./api";

const WHY = {
  up: ["correct", "helpful", "well_written"],
  down: ["wrong", "unhelpful", "harmful", "badly_written", "not_followed"],
} as const;

interface Props {
  turn: ChatTurn;
  onGive: (thumb: Thumb) => void;
}

/** A thumb, and why: the thumb is kept at once, reasons when they are sent. The same thumb again takes it back. */
export function Thumbs({ turn, onGive }: Props) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<"up" | "down" | null>(null);
  const [reasons, setReasons] = useState<string[]>([]);
  const [note, setNote] = useState("");
  const liked = turn.feedback?.liked ?? null;
  const give = (side: "up" | "down") => {
    const isBack = liked === (side === "up");
    setReasons(isBack ? [] : (turn.feedback?.reasons ?? []).filter((name) => WHY[side].includes(name as never)));
    setNote(isBack ? "" : (turn.feedback?.note ?? ""));
    setAsked(isBack ? null : side);
    onGive({ liked: isBack ? null : side === "up", reasons: [], note: "" });
  };
  const send = () => {
    onGive({ liked: asked === "up", reasons: reasons, note });
    setAsked(null);
  };
  return (
    <>
      {(["up", "down"] as const).map((side) => (
        <Popover key={side} opened={asked === side} onChange={() => setAsked(null)} trapFocus withArrow>
          <Popover.Target>
            <ActionIcon
              variant={liked === (side === "up") ? "filled" : "subtle"}
              color="gray"
              aria-pressed={liked === (side === "up")}
              aria-label={t(`chat.thumb.${side}`)}
              onClick={() => give(side)}
            >
              {side === "up" ? <IconThumbUp size={16} /> : <IconThumbDown size={16} />}
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown maw={320}>
            <Stack gap="xs">
              <Checkbox.Group label={t("chat.thumb.why")} value={reasons} onChange={setReasons}>
                <Stack gap={4} mt={4}>
                  {WHY[side].map((name) => (
                    <Checkbox key={name} value={name} label={t(`chat.reason.${name}`)} />
                  ))}
                </Stack>
              </Checkbox.Group>
              <Textarea
                label={t("chat.thumb.note")}
                maxLength={2000}
                autosize
                value={note}
                onChange={(event) => setNote(event.currentTarget.value)}
              />
              <Button size="xs" onClick={send}>
                {t("action.save")}
              </Button>
            </Stack>
          </Popover.Dropdown>
        </Popover>
      ))}
    </>
  );
}
