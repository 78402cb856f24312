"""A release as trainers want it. A new format is one file here and one name in this list."""

from annotation.exports.views import trl_preference, trl_reward_margin, trl_sft, trl_sft_prompt_completion
from annotation.exports.views.shape import Row, View

VIEWS: dict[str, View] = {
    view.name: view
    for view in (trl_sft.VIEW, trl_sft_prompt_completion.VIEW, trl_preference.VIEW, trl_reward_margin.VIEW)
}

__all__ = ["VIEWS", "Row", "View"]
