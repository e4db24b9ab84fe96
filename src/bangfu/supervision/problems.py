"""Numbered problems of supervision (BF-29xx)."""

from __future__ import annotations

from bangfu.foundation.problems import declare

BAD_FRAME = declare(
    "BF-2901",
    zh="抽样框不能用：{why}。",
    en="The sampling frame will not do: {why}.",
    remedy_zh="请改正名单后重新抽样；没有抽取任何样本。",
    remedy_en="Mend the list and draw again; no sample was drawn.",
)
BAD_DESIGN = declare(
    "BF-2902",
    zh="抽样设计中「{field}」的值“{value}”不能用：{wanted}。",
    en="“{field}” of the design: “{value}” will not do: {wanted}.",
    remedy_zh="请改正设计后重新抽样；没有抽取任何样本。",
    remedy_en="Mend the design and draw again; no sample was drawn.",
)
BAD_NUMBER = declare(
    "BF-2903",
    zh="「{field}」的值“{value}”不能用：{wanted}。",
    en="“{field}”: “{value}” will not do: {wanted}.",
    remedy_zh="请改正这一数值后再算。",
    remedy_en="Mend this number and compute again.",
)
NO_PLAN = declare(
    "BF-2904",
    zh="分不出合格水平 {good} 与容许水平 {limit}：{why}。",
    en="A good rate of {good} cannot be told from a tolerated rate of {limit}: {why}.",
    remedy_zh="请拉开两个水平的距离，或放宽风险。",
    remedy_en="Move the two rates apart, or allow more risk.",
)
UNKNOWN_HINT = declare(
    "BF-2905",
    zh="没有这条核看提示，或它不在您的区划之内。",
    en="There is no such review hint, or it lies outside your area.",
    remedy_zh="请从核看清单打开。",
    remedy_en="Open it from the list of hints.",
    status=404,
)
BAD_ENTRY = declare(
    "BF-2906",
    zh="「{column}」的值“{value}”不能用：{wanted}。",
    en="“{column}”: “{value}” will not do: {wanted}.",
    remedy_zh="请改正后再试；什么也没有写入。",
    remedy_en="Mend it and try again; nothing has been written.",
)
