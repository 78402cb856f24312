import { Loader, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { SIDES } from "@/shared/components/answers/useVerdict";
import { Markdown } from "@/shared/components/Markdown";
import classes from "./Chat.module.css";
import { Side, Sides } from "./TwoAnswers";
import type { Live } from "./useAnswering";

/** What is being said and answered, once or twice. */
export function LiveTurns({ live, name }: { live: Live; name: string }) {
  const { t } = useTranslation();
  const word = live.two ? "chat.two.writing" : live.isAnswering ? "chat.answering" : "chat.checking";
  return (
    <>
      {live.said !== null && (
        <div className={classes.said}>
          <Markdown text={live.said} keepLines />
        </div>
      )}
      {live.two && (
        <Sides>
          {(["left", "right"] as const).map((place, at) => (
            <Side key={place} name={t("comparison.side", { side: SIDES[at] })}>
              {live.two?.[place].text && <Markdown text={live.two[place].text} keepLines />}
              {live.two?.[place].isGone && (
                <Text size="sm" c="dimmed">
                  {t("chat.two.gone")}
                </Text>
              )}
            </Side>
          ))}
        </Sides>
      )}
      <article aria-label={name} aria-busy className={classes.answer}>
        {live.answer && <Markdown text={live.answer} keepLines />}
        <Text component="div" size="sm" c="dimmed">
          <Loader size={12} type="dots" mr={6} />
          {t(word)}
        </Text>
      </article>
    </>
  );
}
