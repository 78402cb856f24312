import { Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/shared/components/Loaded";
import { guidelineOptions } from "./api";
import { useNews } from "./news";
import { GuidelineText, type Version } from "./GuidelineText";

interface Props {
  protocol: number;
  /** The version to show; the newest where none is given. */
  version?: Version | null;
  opened: boolean;
  onClose: () => void;
}

/** The guideline beside the work; read here, it counts as read. */
export function GuidelineDrawer({ protocol, version, opened, onClose }: Props) {
  const { t } = useTranslation();
  const isNew = useNews(protocol) !== undefined;
  const query = useQuery({ ...guidelineOptions(protocol), enabled: opened && (isNew || !version) });
  const shown = version ?? query.data?.newest;
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="lg"
      title={shown ? t("claim.guideline_version", { number: shown.number }) : t("claim.guideline")}
    >
      {version ? (
        <GuidelineText protocol={protocol} version={version} news={query.data} onRead={onClose} />
      ) : (
        <Loaded query={query}>
          {(news) => <GuidelineText protocol={protocol} version={news.newest} news={news} onRead={onClose} />}
        </Loaded>
      )}
    </Drawer>
  );
}
