import { Button, Group, Pill, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import type { Release } from "@/shared/api/types";
import { putTag, releaseOptions, tagsOptions, takeTagAway } from "./api";

interface Props {
  projectId: number;
  release: Release;
  mayTag: boolean;
}

/** Names that people give to a release and may move on to the next: "stable", "paper". */
export function ReleaseTags({ projectId, release, mayTag }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const all = useQuery(tagsOptions(projectId)).data ?? [];
  const [name, setName] = useState("");
  const refresh = async () => {
    await queries.invalidateQueries({ queryKey: tagsOptions(projectId).queryKey });
    await queries.invalidateQueries({ queryKey: releaseOptions(projectId, release.id).queryKey });
  };
  const putting = useMutation({
    mutationFn: () => putTag(projectId, name.trim(), release.id),
    onSuccess: async () => {
      setName("");
      await refresh();
    },
  });
  const taking = useMutation({ mutationFn: (tag: string) => takeTagAway(projectId, tag), onSuccess: refresh });
  const elsewhere = all.find((tag) => tag.name === name.trim() && tag.release.id !== release.id);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    putting.mutate();
  };
  return (
    <div>
      <ProblemNotice error={putting.error ?? taking.error} />
      <Group gap="xs" align="flex-end">
        {release.tags.map((tag) => (
          <Pill
            key={tag}
            size="md"
            withRemoveButton={mayTag}
            removeButtonProps={{ "aria-label": t("tagging.take_away", { tag }), "aria-hidden": false, tabIndex: 0 }}
            onRemove={() => taking.mutate(tag)}
          >
            {tag}
          </Pill>
        ))}
        {mayTag && (
          <form onSubmit={send}>
            <Group gap="xs" align="flex-end">
              <TextInput
                size="xs"
                label={t("tagging.add")}
                placeholder={t("tagging.example")}
                maxLength={60}
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
              />
              <Button size="xs" type="submit" variant="default" loading={putting.isPending} disabled={!name.trim()}>
                {elsewhere ? t("tagging.move") : t("tagging.put")}
              </Button>
            </Group>
          </form>
        )}
      </Group>
      {elsewhere && (
        <Text size="sm" c="dimmed" mt={4}>
          {t("tagging.moves_from", { release: elsewhere.release.name })}
        </Text>
      )}
    </div>
  );
}
