"""The starter packs are sound, and decide what they should of real lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from cloudbooks.rules.applying import Decider
from cloudbooks.rules.linting import lint
from cloudbooks.rules.reading import read_rules
from cloudbooks.rules.rule import RuleSet
from cloudbooks.rules.subject import Subject

PACKS = Path(__file__).parents[2] / "src" / "cloudbooks" / "packs"
CODES = {
    "cn-small": "1001 1002 1012 1101 1122 1221 1401 2001 2202 2211 2221 2241 3001 5301 5601 5602 5603 5711",
    "generic": "1000 1010 1050 1100 2000 2100 2200 2210 2300 2400 2600 3000 3300 4900 5100 6000 6200 6300 6400 6450 "
    "6500 6510 6600 6700 6750 6900 7000",
}
"""The level-1 codes that a pack may use: those of its chart which a bank line can be about."""


def pack(name: str) -> RuleSet:
    """A starter pack, read."""
    return read_rules((PACKS / "rules" / f"{name}.yaml").read_bytes(), f"{name}.yaml")


def known(name: str) -> Callable[[str], tuple[str, ...] | None]:
    """The accounts of a pack."""
    codes = CODES[name].split()
    return lambda word: None if word in codes else ()


@pytest.mark.parametrize("name", CODES)
def test_a_pack_has_no_finding(name: str) -> None:
    """No unknown account, no rule that another shadows, no contradiction, and no warning either."""
    assert not lint(pack(name), known(name))


@pytest.mark.parametrize("name", CODES)
def test_the_accounts_of_a_pack_are_in_its_chart(name: str) -> None:
    """What the test above calls known is in the chart that is shipped."""
    chart = (PACKS / "charts" / f"{name}.yaml").read_text(encoding="utf-8")
    assert set(CODES[name].split()) <= set(re.findall(r'code: "([0-9]+)"', chart))


LINES = [
    # Lines as banks and wallets wrote them: kind, party, text, amount in fen, and the rule that takes them.
    ("商户消费", "云膳过桥米线(传奇广场店)", "总共消费:28.16", -2_816, "餐费"),
    ("扫二维码付款", "某餐厅", "收款方备注:二维码收款", -1_200, "餐费"),
    ("二维码收款", "用户A", "收款方备注:二维码收款", 2_300, "二维码收款"),
    ("转账", "房东", "转账备注:微信转账", -50_000, "房租与物业"),
    ("零钱提现", "招商银行()", "", -10_010, "零钱、余额提现与充值"),
    ("信用卡还款", "建设银行信用卡还款", "", -54_858, "信用卡还款"),
    ("购买理财通", "理财通", "鹏华增值宝(000569)", -1_000_000, "理财与基金"),
    ("零钱通转出-到工商银行(9876)", "", "", -550_500, ""),
    ("赞赏码", "YingDev", "", -3_699, ""),
    ("收发快递", "京东物流", "京东外部商户", -1_020, "快递与运费"),
    ("食品酒饮", "京东平台商户", "利园潮汕正宗手打牛肉丸火锅丸子 250g 等多件", -6_090, "网上采购"),
    ("网购", "京东平台商户", "退款-李宁羽毛球手胶", 23_345, "购物退款"),
    ("退款", "xxxxxxx", "退款-亲情卡", 1_603, "个人往来"),
    ("消费", "深圳市财付通支付科技有限公司", "广东三元麦当劳食品有", -1_340, "餐费"),
    ("工资", "ABC公司", "", 123_456, ""),
    ("工资", "代发工资户", "9月工资", -123_456, "工资"),
    ("跨行汇款", "张三", "手机银行", -123_456, ""),
    ("蚂蚁基金赎回到银行", "支付宝（中国）网络技术有限公司", "支付宝", 34_158, "理财与基金"),
    ("ETC", "", "广东联合电子收费股份", -1_235, "打车与市内交通"),
    ("结息", "", "个人活期结息", 1, "存款利息"),
    ("一网通支付", "国网电力有限公司99999999999999", "供电", -300, "水电燃气"),
    ("银联ATM取款", "", "银联 ATM 取款，中国银行", -100_000, "存取现金"),
    ("", "中国移动", "", -800_000, "电话与网络"),
    ("", "中国移动", "项目回款", 800_000, ""),
    ("缴税", "国家税务总局宁波市税务局", "增值税及附加", -107_000, "缴纳税费"),
    ("社保缴费", "国家税务总局宁波市税务局", "社会保险费", -468_000, "社会保险"),
    ("公积金", "宁波市住房公积金管理中心", "住房公积金", -188_000, "住房公积金"),
    ("货款", "宁波海联贸易有限公司", "货款 INV-100", 1_230_000, "收客户款"),
    ("货款", "绍兴方圆文具厂", "采购货款 10月", -987_500, "付供应商款"),
    ("转账汇款手续费", "", "跨行汇款手续费", -1_500, "银行手续费"),
    ("快捷支付", "中国铁路网络有限公司", "12306 火车票", -5_530, "差旅"),
    ("快捷支付", "滴滴出行科技有限公司", "", -2_310, "打车与市内交通"),
]


@pytest.mark.parametrize(("kind", "party", "text", "amount", "name"), LINES)
def test_a_chinese_line_goes_where_it_should(kind: str, party: str, text: str, amount: int, name: str) -> None:
    """Each line is taken by the rule that is meant for it; what is doubtful is left to decide."""
    rule = (
        Decider(pack("cn-small"))
        .decide(Subject(text, party, amount, 2, date(2026, 10, 31), "1002.01", "icbc-debit@1", kind))
        .rule
    )
    assert (rule.name if rule else "") == name


@pytest.mark.parametrize(
    ("text", "amount", "name"),
    [
        ("MOBILE WITHDRAWAL        (22MAR25)", -10_000, "cash at a machine or a counter"),
        ("INTEREST CREDIT", 545, "interest received"),
        ("BILL PAYMENT             ELECTRICITY", -35_000, "power, water, telephone, internet"),
        ("[CW]TELUS MOB", -6_832, "power, water, telephone, internet"),
        ("DOLLARAMA # 845   _M", -196, "office supplies"),
        ("PTS TO:  02816700587", -1_000, "between own accounts"),
        ("FUND TRANSFER FROM       12-345678-9 JOHN SMITH", 50_000, ""),
        ("SEND E-TFR ***Y4h", -23_913, ""),
        ("UBER EATS TORONTO", -2_599, "meals"),
        ("UBER TRIP", -1_899, "travel"),
        ("RENT JUNE", -150_000, "rent"),
        ("TORRENT PHARMA", -150_000, ""),
        ("ACME LTD INV-2041", 150_000, "customer pays an invoice"),
    ],
)
def test_an_english_line_goes_where_it_should(text: str, amount: int, name: str) -> None:
    """The same for the generic chart."""
    rule = Decider(pack("generic")).decide(Subject(text, "", amount, 2, date(2026, 10, 31), "1010", "", "")).rule
    assert (rule.name if rule else "") == name


def test_a_transfer_of_the_wallet_itself_is_left_to_decide() -> None:
    """On 1012 the counter-account of a withdrawal is a bank, which nobody guesses."""
    line = Subject("", "招商银行()", -10_010, 2, date(2026, 10, 31), "1012.01", "wechat@1", "零钱提现")
    assert Decider(pack("cn-small")).decide(line).rule is None
