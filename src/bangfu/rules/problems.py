"""The numbered problems of rules: what is wrong in an expression, where it stands, and how to mend it."""

from __future__ import annotations

from bangfu.foundation.problems import declare

SYNTAX = declare(
    "BF-1401",
    zh="{file} 第{line}行「{name}」不是一个表达式：{detail}。",
    en="{file} line {line}, “{name}” is not an expression: {detail}.",
    remedy_zh="请检查括号、引号和运算符；一个名称只写一个表达式。",
    remedy_en="Check brackets, quotes and operators; write one expression for one name.",
)
UNKNOWN_NAME = declare(
    "BF-1402",
    zh="{file} 第{line}行「{name}」用到未定义的名称 {unknown}。",
    en="{file} line {line}, “{name}” uses the name {unknown}, which is not defined.",
    remedy_zh="请改用登记字段、参数或已定义的事实；相近的名称：{near}。",
    remedy_en="Use a field of the register, a parameter or a defined fact; near names: {near}.",
)
WRONG_TYPE = declare(
    "BF-1403",
    zh="{file} 第{line}行「{name}」中 {text} 的类型是 {found}，此处需要 {wanted}。",
    en="{file} line {line}, “{name}”: {text} is of type {found}, but {wanted} is needed here.",
    remedy_zh="请比较同类的值；是非值用 and、or、not，数值用算术运算。",
    remedy_en="Compare like with like; yes-or-no values take and, or, not, numbers take arithmetic.",
)
WRONG_LEVEL = declare(
    "BF-1404",
    zh="{file} 第{line}行「{name}」在{level}一级使用了{other}一级的 {unknown}。",
    en="{file} line {line}, “{name}” is of the {level} but uses {unknown}, which is of the {other}.",
    remedy_zh="户一级使用个人的值时，请用 any、all、count、sum、max、min 汇总；个人一级不能使用户的值。",
    remedy_en="A household sees its members through any, all, count, sum, max or min; a person does not see the household.",
)
CYCLE = declare(
    "BF-1405",
    zh="{file} 第{line}行「{name}」的定义绕回自身：{path}。",
    en="{file} line {line}, the definition of “{name}” comes back to itself: {path}.",
    remedy_zh="请断开其中一个引用。",
    remedy_en="Break one of these references.",
)
UNKNOWN_CODE = declare(
    "BF-1406",
    zh="{file} 第{line}行「{name}」中的 '{code}' 不在代码表 {codes} 内。",
    en="{file} line {line}, “{name}”: '{code}' is not in the code list {codes}.",
    remedy_zh="可用的代码：{known}。",
    remedy_en="The codes are: {known}.",
)
FORBIDDEN = declare(
    "BF-1407",
    zh="{file} 第{line}行「{name}」含有规则语言不允许的写法：{text}。",
    en="{file} line {line}, “{name}” contains what the rule language does not allow: {text}.",
    remedy_zh="{hint_zh}",
    remedy_en="{hint_en}",
)
UNKNOWN_FUNCTION = declare(
    "BF-1408",
    zh="{file} 第{line}行「{name}」调用了 {function}（{count} 个参数），规则语言没有这样的函数。",
    en="{file} line {line}, “{name}” calls {function} with {count} arguments; the rule language has no such function.",
    remedy_zh="可用的函数：{known}。",
    remedy_en="The functions are: {known}.",
)
NO_VALUE = declare(
    "BF-1409",
    zh="参数「{name}」在 {day} 没有取值。",
    en="The parameter “{name}” has no value on {day}.",
    remedy_zh="请在规则包中补充该日期之前开始的取值及其来源，或选用更晚的日期。",
    remedy_en="Add a value that begins on or before that day, with its source, or choose a later day.",
)
SEALED = declare(
    "BF-1410",
    zh="{file} 第{line}行「{name}」用到个人标识信息 {unknown}，规则不得读取。",
    en="{file} line {line}, “{name}” uses {unknown}, which identifies a person; rules may not read it.",
    remedy_zh="请改用由其派生的字段，例如出生日期、性别。",
    remedy_en="Use a field derived from it, such as the date of birth or the sex.",
)
TAKEN = declare(
    "BF-1411",
    zh="{file} 第{line}行「{name}」与已有的{other}重名，或不是合法名称。",
    en="{file} line {line}: the name “{name}” is already a {other}, or is not a proper name.",
    remedy_zh="请换一个名称：小写字母开头，只含小写字母、数字和下划线。",
    remedy_en="Choose another name: a lower-case letter first, then lower-case letters, digits and underscores.",
)
BAD_YAML = declare(
    "BF-1412",
    zh="{file} 第{line}行无法读取：{detail}。",
    en="{file} line {line} cannot be read: {detail}.",
    remedy_zh="请检查缩进、冒号和重复的键。",
    remedy_en="Check the indentation, the colons and repeated keys.",
)
BAD_VALUE = declare(
    "BF-1413",
    zh="{file} 第{line}行「{name}」的值 {value} 不是 {wanted}。",
    en="{file} line {line}: the value {value} of “{name}” is not a {wanted}.",
    remedy_zh="请按字段的类型填写。",
    remedy_en="Write it as the type of the field asks.",
)
