import { Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/shared/components/Loaded";
import { Loading } from "@/shared/components/Loading";
import { guidelineOptions } from "./api";
import { useNews } from "./news";
import type { Version } from "./GuidelineText";

const text = () => import("./GuidelineText");
const GuidelineText = lazy(async () => ({ default: (await text()).GuidelineText }));

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
  // Behind the first load, before a line can be lost.
  useEffect(() => void text().catch(() => undefined), []);
  const shown = version ?? query.data?.newest;
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="lg"
      title={shown ? t("claim.guideline_version", { number: shown.number }) : t("claim.guideline")}
    >
      <Suspense fallback={<Loading />}>
        {version ? (
          <GuidelineText protocol={protocol} version={version} news={query.data} onRead={onClose} />
        ) : (
          <Loaded query={query}>
            {(news) => <GuidelineText protocol={protocol} version={news.newest} news={news} onRead={onClose} />}
          </Loaded>
        )}
      </Suspense>
    </Drawer>
  );
}
