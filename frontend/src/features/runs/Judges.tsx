import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { RunOptions } from "@/shared/api/types";

interface Props {
  options: RunOptions;
  judge: string | null;
  gold: string | null;
  onJudge: (id: string | null) => void;
  onGold: (id: string | null) => void;
  errors: Record<string, string>;
}

/** Who says what an assistant's answers are worth while it is refined, and who watches that. */
export function Judges({ options, judge, gold, onJudge, onGold, errors }: Props) {
  const { t } = useTranslation();
  const models = options.judge_models.map(({ id, name }) => ({ value: String(id), label: name }));
  return (
    <>
      <Select
        label={t("runs.rl_judge")}
        required
        allowDeselect={false}
        data={models}
        value={judge}
        onChange={onJudge}
        nothingFoundMessage={t("runs.no_judge")}
        description={t("runs.rl_judge_hint")}
        error={errors.judge}
      />
      <Select
        label={t("runs.gold")}
        clearable
        data={models.filter((model) => model.value !== judge)}
        value={gold}
        onChange={onGold}
        placeholder={t("runs.nobody")}
        nothingFoundMessage={t("runs.no_judge")}
        description={t("runs.gold_hint")}
        error={errors.gold}
      />
    </>
  );
}
