import { Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/shared/api/problem";
import type { UpstreamKind } from "@/shared/api/types";
import { ProblemNotice } from "@/shared/components/Problem";
import { addUpstream, servedOptions } from "./api";

const KINDS = ["chat", "moderation", "llama_guard"] as const satisfies readonly UpstreamKind[];
const TEXTS = ["name", "url", "model", "key_variable"] as const;
const EMPTY = { name: "", url: "", model: "", key_variable: "" };

/** Name a server elsewhere. Its key is in the site's environment and never passes through a page. */
export function UpstreamForm({ projectId, onDone }: { projectId: number; onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [kind, setKind] = useState<UpstreamKind>("chat");
  const [texts, setTexts] = useState(EMPTY);
  const adding = useMutation({
    mutationFn: () => addUpstream(projectId, { ...texts, kind }),
    onSuccess: () => {
      onDone();
      return queries.invalidateQueries({ queryKey: servedOptions(projectId).queryKey });
    },
  });
  const errors = adding.error ? asProblem(adding.error).fields : {};
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    adding.mutate();
  };
  return (
    <form onSubmit={send} aria-label={t("upstreams.add")}>
      <Stack maw={520}>
        <ProblemNotice error={adding.error} />
        <Select
          label={t("upstreams.field.kind")}
          description={t(`upstreams.kind_detail.${kind}`)}
          data={KINDS.map((value) => ({ value, label: t(`upstreams.kind.${value}`) }))}
          value={kind}
          error={errors.kind}
          allowDeselect={false}
          onChange={(value) => setKind(value ?? "chat")}
        />
        {TEXTS.map((name) => (
          <TextInput
            key={name}
            label={t(`upstreams.field.${name}`)}
            description={t(`upstreams.hint.${name}`)}
            required={name !== "key_variable"}
            autoComplete="off"
            spellCheck={false}
            value={texts[name]}
            error={errors[name]}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setTexts((old) => ({ ...old, [name]: value }));
            }}
          />
        ))}
        <Group>
          <Button type="submit" loading={adding.isPending}>
            {t("upstreams.save")}
          </Button>
          <Button variant="default" onClick={onDone}>
            {t("action.cancel")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
