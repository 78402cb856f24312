import { ActionIcon } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

interface Props {
  isFolded: boolean;
  onToggle: () => void;
}

export function FoldButton({ isFolded, onToggle }: Props) {
  const { t } = useTranslation();
  const Symbol = isFolded ? IconChevronDown : IconChevronUp;
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-expanded={!isFolded}
      aria-label={t(isFolded ? "reading.unfold" : "reading.fold")}
      onClick={(event) => {
        event.stopPropagation();
        onToggle();
      }}
    >
      <Symbol size={17} />
    </ActionIcon>
  );
}
