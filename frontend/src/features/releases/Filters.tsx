import { MultiSelect, NumberInput, Select, SimpleGrid, Switch, TagsInput, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { guidelinesOptions, protocolsOptions, workersOptions } from "@/shared/api/queries";
import type { AnswerState, Protocol } from "@/shared/api/types";
import type { Selection } from "./api";

const REVIEWED: readonly AnswerState[] = ["submitted", "accepted", "returned"];

interface Props {
  projectId: number;
  draft: Selection;
  errors: Record<string, string | undefined>;
  onChange: (change: Selection) => void;
}

/** Everything that narrows a release; what is left empty narrows nothing. */
export function Filters({ projectId, draft, errors, onChange }: Props) {
  const { t } = useTranslation();
  const protocols = useInfiniteQuery(protocolsOptions(projectId)).data ?? [];
  const members = useInfiniteQuery(workersOptions(projectId)).data ?? [];
  const chosen = protocols.filter(({ id }) => draft.protocols?.includes(id));
  const some = <Item,>(items: Item[]) => (items.length > 0 ? items : undefined);
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
      <MultiSelect
        label={t("nav.protocols")}
        placeholder={draft.protocols ? undefined : t("releases.all_protocols")}
        data={protocols.map(({ id, name }) => ({ value: String(id), label: name }))}
        value={draft.protocols?.map(String) ?? []}
        error={errors.protocols}
        onChange={(ids) => onChange({ protocols: some(ids.map(Number)), guideline_versions: undefined })}
      />
      {chosen.map((protocol) => (
        <GuidelineVersions key={protocol.id} {...{ projectId, protocol, draft, onChange }} />
      ))}
      <TextInput
        type="date"
        label={t("releases.from")}
        value={draft.date_from ?? ""}
        error={errors.date_from}
        onChange={(event) => onChange({ date_from: event.currentTarget.value || undefined })}
      />
      <TextInput
        type="date"
        label={t("releases.to")}
        value={draft.date_to ?? ""}
        error={errors.date_to}
        onChange={(event) => onChange({ date_to: event.currentTarget.value || undefined })}
      />
      <TagsInput
        label={t("releases.languages")}
        placeholder={draft.languages ? undefined : t("releases.all_languages")}
        value={draft.languages ?? []}
        error={errors.languages}
        onChange={(languages) => onChange({ languages: some(languages) })}
      />
      <MultiSelect
        label={t("building.people")}
        placeholder={draft.annotators ? undefined : t("building.everybody")}
        searchable
        data={members.map(({ user }) => ({
          value: String(user.id),
          label: user.name || user.email || String(user.id),
        }))}
        value={draft.annotators?.map(String) ?? []}
        error={errors.annotators}
        onChange={(ids) => onChange({ annotators: some(ids.map(Number)) })}
      />
      <TagsInput
        label={t("building.tags")}
        description={t("building.tags_detail")}
        value={draft.tags ?? []}
        error={errors.tags}
        onChange={(tags) => onChange({ tags: some(tags) })}
      />
      <MultiSelect
        label={t("building.reviewed")}
        placeholder={draft.review_states ? undefined : t("building.any_review")}
        data={REVIEWED.map((state) => ({ value: state, label: t(`state.${state}`) }))}
        value={draft.review_states ?? []}
        error={errors.review_states}
        onChange={(states) => onChange({ review_states: some(states) })}
      />
      <NumberInput
        label={t("building.agreement_from")}
        description={t("building.agreement_detail")}
        min={0}
        max={1}
        step={0.05}
        decimalScale={2}
        value={draft.agreement_from ?? ""}
        error={errors.agreement_from}
        onChange={(value) => onChange({ agreement_from: typeof value === "number" ? value : undefined })}
      />
      <Select
        label={t("building.split_by")}
        description={t(`building.split_detail.${draft.split_by ?? "prompt"}`)}
        allowDeselect={false}
        data={(["prompt", "annotator"] as const).map((rule) => ({ value: rule, label: t(`building.split.${rule}`) }))}
        value={draft.split_by ?? "prompt"}
        onChange={(rule) => onChange({ split_by: rule === "annotator" ? "annotator" : undefined })}
      />
      <Switch
        label={t("releases.spares")}
        checked={draft.include_spares ?? false}
        onChange={(event) => onChange({ include_spares: event.currentTarget.checked || undefined })}
      />
      <Switch
        label={t("releases.documents")}
        checked={draft.documents ?? false}
        onChange={(event) => onChange({ documents: event.currentTarget.checked || undefined })}
      />
    </SimpleGrid>
  );
}

interface VersionsProps extends Pick<Props, "projectId" | "draft" | "onChange"> {
  protocol: Protocol;
}

function GuidelineVersions({ projectId, protocol, draft, onChange }: VersionsProps) {
  const { t } = useTranslation();
  const versions = useInfiniteQuery(guidelinesOptions(projectId, protocol.id)).data ?? [];
  const own = versions.map(({ id }) => id);
  const chosen = draft.guideline_versions ?? [];
  const choose = (ids: number[]) => {
    const all = [...chosen.filter((id) => !own.includes(id)), ...ids];
    onChange({ guideline_versions: all.length > 0 ? all : undefined });
  };
  if (versions.length < 2) return null;
  return (
    <MultiSelect
      label={t("building.guideline", { protocol: protocol.name })}
      placeholder={t("building.any_guideline")}
      data={versions.map(({ id, number }) => ({ value: String(id), label: t("building.version", { number }) }))}
      value={chosen.filter((id) => own.includes(id)).map(String)}
      onChange={(ids) => choose(ids.map(Number))}
    />
  );
}
