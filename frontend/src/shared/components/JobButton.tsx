import { Button, type ButtonProps } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { isFinal } from "@/shared/api/live";

interface Props extends ButtonProps {
  state: string;
  onCancel: () => void;
  onRetry: () => void;
}

/** The one thing to do with a job: stop it while it lives, run it again when it has not succeeded. */
export function JobButton({ state, onCancel, onRetry, ...look }: Props) {
  const { t } = useTranslation();
  if (state === "failed" || state === "cancelled")
    return (
      <Button {...look} onClick={onRetry}>
        {t("action.retry")}
      </Button>
    );
  if (isFinal(state)) return null;
  return (
    <Button variant="default" {...look} onClick={onCancel}>
      {t("action.stop")}
    </Button>
  );
}
