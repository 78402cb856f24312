import { Drawer } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Markdown } from "@/shared/components/Markdown";
import type { Claim } from "@/shared/api/types";

interface Props {
  guideline: Claim["guideline"];
  opened: boolean;
  onClose: () => void;
}

export function GuidelineDrawer({ guideline, opened, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="lg"
      title={guideline ? t("claim.guideline_version", { number: guideline.number }) : t("claim.guideline")}
    >
      {guideline && <Markdown text={guideline.markdown} />}
    </Drawer>
  );
}
