import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ConfirmButton } from "@/shared/components/ConfirmButton";

interface Props {
  label: string;
  /** Whether anything would be lost. */
  isEmpty: boolean;
  onRemove: () => void;
}

/** Takes away a part of what is written: at once where it is empty, else after asking. */
export function RemoveButton({ label, isEmpty, onRemove }: Props) {
  const { t } = useTranslation();
  const look = { size: "xs", variant: "subtle", color: "gray" } as const;
  if (isEmpty) {
    return (
      <Button {...look} onClick={onRemove}>
        {label}
      </Button>
    );
  }
  return (
    <ConfirmButton
      {...look}
      label={label}
      question={t("writing.remove_question")}
      detail={t("writing.remove_detail")}
      onConfirm={onRemove}
    />
  );
}
