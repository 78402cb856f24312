import { SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/shared/components/Loaded";
import { Loading } from "@/shared/components/Loading";
import { Panel } from "@/shared/components/Panel";
import { useFormat } from "@/shared/i18n/useFormat";
import { roadOptions } from "./api";
import { RoadMap } from "./RoadMap";
import { StationPanel } from "./StationPanel";
import { WalkPanel } from "./WalkPanel";

interface Props {
  projectId: number;
  mayOrder: boolean;
}

/** Where a project stands on the way from raw text to an assistant, and what is next at each station. */
export function RoadView({ projectId, mayOrder }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(roadOptions(projectId));
  return (
    <Loaded query={query} loading={<Loading rows={4} height={180} />}>
      {(road) => (
        <Stack gap="lg">
          <Panel>
            <RoadMap stands={road.stands} />
            {road.counted_at && (
              <Text size="sm" c="dimmed">
                {t("progress.counted", { ago: format.ago(road.counted_at) })}
              </Text>
            )}
          </Panel>
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
            {road.stands.map((stand) => (
              <StationPanel key={stand.station} projectId={projectId} stand={stand} mayOrder={mayOrder} />
            ))}
          </SimpleGrid>
          <WalkPanel projectId={projectId} walk={road.walk} mayOrder={mayOrder} />
        </Stack>
      )}
    </Loaded>
  );
}
