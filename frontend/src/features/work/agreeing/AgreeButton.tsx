import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { addProjectWords } from "@/shared/i18n/i18n";

const AgreeDialog = lazy(async () => {
  await addProjectWords();
  return { default: (await import("./AgreeDialog")).AgreeDialog };
});

/** The way to say what one agrees to be shown, where a queue's texts may be hard to read. */
export function AgreeButton({ toAgree }: { toAgree: readonly string[] }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button variant={toAgree.length > 0 ? "light" : "subtle"} size="compact-sm" onClick={() => setOpen(true)}>
        {t("work.agree")}
      </Button>
      {isOpen && (
        <Suspense>
          <AgreeDialog toAgree={toAgree} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
