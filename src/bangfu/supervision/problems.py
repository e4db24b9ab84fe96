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
UNKNOWN_SAMPLE = declare(
    "BF-2907",
    zh="没有抽样“{sample}”，或它不在您的区划之内。",
    en="There is no sample “{sample}”, or it lies outside your area.",
    remedy_zh="请从抽样清单打开。",
    remedy_en="Open it from the list of samples.",
    status=404,
)
SAMPLE_STANDS = declare(
    "BF-2908",
    zh="抽样“{sample}”已经抽过。",
    en="The sample “{sample}” was drawn already.",
    remedy_zh="抽过的样本不重抽；需要另一个样本，请另起编号、另取种子。",
    remedy_en="A sample is never drawn twice. For another one take another key and another seed.",
    status=409,
)
NOT_SAMPLED = declare(
    "BF-2909",
    zh="抽中户不在，或现在不能这样办：{why}。",
    en="There is no such drawn household, or this cannot be done with it now: {why}.",
    remedy_zh="请从抽样清单打开。",
    remedy_en="Open it from the sample.",
    status=409,
)
NO_OFFICER = declare(
    "BF-2910",
    zh="您的账号没有对应的干部，看不出属于哪个单位，不能检查。",
    en="Your account is of no officer, so that nobody can tell of which unit you are: you cannot examine.",
    remedy_zh="请县级指挥部在干部名册中把账号和干部对应起来。",
    remedy_en="Ask the county’s headquarters to name your account in the list of officers.",
    status=403,
)
TIED = declare(
    "BF-2911",
    zh="“{officer}”不能检查这里：{why}。",
    en="“{officer}” cannot examine here: {why}.",
    remedy_zh="请换一名与本村、本户没有关系的检查人员；谁检查谁，不能是同一单位。",
    remedy_en="Send an examiner without a tie to the village or the household: who examines is never of the same unit as who is examined.",
    status=403,
)
NOT_ITS_EXAMINER = declare(
    "BF-2912",
    zh="这一户由“{officer}”复核。",
    en="This household is examined by “{officer}”.",
    remedy_zh="请由本人复核，或先改派。",
    remedy_en="Let them examine it, or name another examiner first.",
    status=403,
)
UNKNOWN_FINDING = declare(
    "BF-2913",
    zh="没有这个问题，或它不在您的区划之内。",
    en="There is no such finding, or it lies outside your area.",
    remedy_zh="请从问题清单打开。",
    remedy_en="Open it from the list of findings.",
    status=404,
)
RULED_ALREADY = declare(
    "BF-2914",
    zh="这个问题已由“{by}”裁定。",
    en="“{by}” has ruled on this finding.",
    remedy_zh="裁定不重复作出；情况有变的，在已立的事项里办理。",
    remedy_en="Nobody rules twice. What changes after it is done in its case.",
    status=409,
)
BAD_ROW = declare(
    "BF-2915",
    zh="第{row}行“{column}”的值“{value}”不能用：{wanted}。",
    en="Row {row}, “{column}”: “{value}” will not do: {wanted}.",
    remedy_zh="请改正这一行后重新导入；什么也没有写入。",
    remedy_en="Mend this row and import the file again; nothing has been written.",
)
NO_TABLE = declare(
    "BF-2916",
    zh="文件不能用：{why}。",
    en="The file will not do: {why}.",
    remedy_zh="请用反馈问题模板填写后再导入；什么也没有写入。",
    remedy_en="Fill in the template for findings from above and import it again; nothing has been written.",
)
TOO_LONG = declare(
    "BF-2917",
    zh="文件“{file}”太大：至多 {most} 行、{mb} MB。",
    en="“{file}” is too large: {most} rows and {mb} MB at most.",
    remedy_zh="请分成几个文件导入。",
    remedy_en="Import it in several files.",
)
CHECKED_TODAY = declare(
    "BF-2918",
    zh="“{post}”在 {day} 已经检查过。",
    en="“{post}” was checked on {day} already.",
    remedy_zh="同一天不重复检查；要补充的，改天再查。",
    remedy_en="A post is not checked twice on a day. Check it again on another one.",
    status=409,
)
UNKNOWN_DRAWN = declare(
    "BF-2919",
    zh="样本中没有这一户，或它不在您的区划之内，或还不到公开的时候。",
    en="The sample does not have this household, or it lies outside your area, or it is not told yet.",
    remedy_zh="请从抽样清单打开。",
    remedy_en="Open it from the sample.",
    status=404,
)
UNKNOWN_POST = declare(
    "BF-2931",
    zh="没有指挥所“{post}”，或它不在您的区划之内。",
    en="There is no post “{post}”, or it lies outside your area.",
    remedy_zh="请从指挥所清单打开。",
    remedy_en="Open it from the list of posts.",
    status=404,
)
UNKNOWN_WEAKNESS = declare(
    "BF-2932",
    zh="没有这一类问题。",
    en="There is no such kind of weakness.",
    remedy_zh="请从迎检演练页打开。",
    remedy_en="Open it from the page of the rehearsal.",
    status=404,
)
