import { Anchor, Group, Text } from "@mantine/core";
import { IconBulb } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Advice as OneAdvice } from "@/shared/api/types";
import classes from "./Advice.module.css";
import { useAdvice } from "./useAdvice";

const LONGEST_EXCERPT = 48;
const MOST_SHOWN = 4;
const KINDS = ["email", "iban", "payment_card", "ip_address", "phone"] as const;

interface Props {
  claimId: string;
  text: string;
  /** The field in which the text is written. */
  fieldId: string;
  /** The label of the completion that the text edits. */
  editOf?: string;
}

/** Quiet advice below what is written. Whoever follows none of it can hand in all the same. */
export function Advice({ claimId, text, fieldId, editOf }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const about = useAdvice(claimId, text, editOf);
  if (about.advice.length === 0) return null;
  const say = ({ rule, values }: OneAdvice) => {
    const kind = KINDS.find((name) => name === values["kind"]) ?? "other";
    return t(`advice.${rule}`, {
      language: format.language(values["found"] ?? ""),
      kind: t(`advice.kind.${kind}`),
    });
  };
  return (
    <ul className={classes.list} aria-label={t("advice.label")}>
      {about.advice.slice(0, MOST_SHOWN).map((advice) => {
        const passage = about.text.slice(advice.start, advice.end);
        return (
          <li key={`${advice.rule} ${advice.start}`}>
            <Group gap={6} wrap="nowrap" align="flex-start">
              <IconBulb size={16} aria-hidden className={classes.sign} />
              <Text size="sm" c="dimmed">
                {say(advice)}{" "}
                <Anchor component="button" type="button" size="sm" dir="auto" onClick={() => select(fieldId, passage)}>
                  {passage.length > LONGEST_EXCERPT ? `${passage.slice(0, LONGEST_EXCERPT)}…` : passage}
                </Anchor>
              </Text>
            </Group>
          </li>
        );
      })}
    </ul>
  );
}

/** Select the passage in the field, where it still stands. */
function select(fieldId: string, passage: string): void {
  const field = document.getElementById(fieldId);
  if (!(field instanceof HTMLTextAreaElement)) return;
  const start = field.value.indexOf(passage);
  field.focus();
  if (start >= 0) field.setSelectionRange(start, start + passage.length);
}
