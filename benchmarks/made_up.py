"""Made-up text that reads like the real thing: projects, companies, streets and amounts of Hunan."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random

from stdnum.cn import uscc


def _words(text: str) -> list[str]:
    return text.split()


STREETS = _words(
    """
    长寿 人民 解放 建设 芙蓉 五一 韶山 湘江 黄兴 蔡锷 岳麓 枫林 金星 麓山 桃花 梅溪 洋湖 天心 白沙 书院
    劳动 城南 城北 东风 红旗 迎宾 滨江 沿江 环城 兴业 工业 科技 教育 文化 学府 朝阳 向阳 光明 和平 友谊
    团结 胜利 新华 中山 延安 井冈 洞庭 资江 沅江 澧水 雪峰 南岳 衡山 莲城 银杏 香樟 桂花 丹桂 玉兰 紫薇
    浏阳河 株树桥 石马 杨家山 火车站 汽车东站 经开 高新 物流 港区 空港 古城 状元 龙泉 凤凰 白云 青山
    绿水
    """
)
ESTATES = _words(
    """
    锦绣 阳光 金色 恒盛 名都 御景 翰林 星城 水岸 云顶 书香 盛世 世纪 凤凰 麒麟 澜庭 悦府 湘域 麓谷 江山
    时代 未来 幸福 安居 和顺 福临 家和 瑞景
    """
)
ESTATE_KINDS = _words(
    """
    花园 小区 家园 公馆 新城 广场 华庭 雅苑 名邸 安置区
    """
)
WORKS = _words(
    """
    道路改造工程 提质改造工程 新建道路工程 雨污分流改造工程 排水管网工程 老旧小区配套设施改造项目
    棚户区改造安置房 保障性住房 公租房 中学教学楼 小学综合楼 幼儿园新建工程 人民医院门诊综合楼
    中医医院住院大楼 疾控中心实验楼 标准厂房 科研办公楼 物流仓储中心 体育馆 文化艺术中心 污水处理厂
    自来水厂扩建工程 农贸市场 客运枢纽 停车场 人行天桥 大桥加固工程 隧道工程 公园绿化工程 景观亮化工程
    燃气管道工程 变电站土建工程
    """
)
PHASES = (
    "",
    "",
    "",
    "一期",
    "二期",
    "三期",
    "（一标段）",
    "（二标段）",
    "第3标段",
    "及配套工程",
    "EPC项目",
    "（施工）",
    "1#-6#栋",
    "A地块",
)
NAMES = _words(
    """
    三穗 长信 宏达 鸿业 中盛 天鹰 湘潭建 华隆 东方红 金辉 恒基 泰和 远大 广厦 省建 顺天 高岭 沙坪 望城二
    六建 五建 德雅 园艺 九华 大成 新天 鼎盛 博云 佳诚 瑞祥 永通 弘毅 精诚 兴旺 明德 崇德 致远 立信 汉唐
    楚天 湘中 湘北 湘南 雪峰 洞庭 星沙 麓山 浏河 捞刀河 潇湘 衡岳 武陵 桃源 常武
    """
)
TRADES = _words(
    """
    建筑工程 建设工程 市政工程 路桥建设 园林绿化 建设集团 建筑安装工程 装饰设计工程 水利水电工程
    机电设备安装 钢结构工程 消防工程
    """
)
AGENCIES = _words(
    """
    公用事业局 住房保障中心 城市建设投资有限公司 教育局 卫生健康局 交通建设投资有限公司
    产业园区开发有限公司 文旅投资有限公司
    """
)
LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def companies(seed: int, count: int, places: list[str]) -> list[tuple[str, str]]:
    """Names of companies and their codes (USCC with a true check character), none twice."""
    random, found = Random(seed), dict[str, str]()
    while len(found) < count:
        name = f"{random.choice(places)}{random.choice(NAMES)}{random.choice(TRADES)}有限公司"
        found.setdefault(name, _company_code(random))
    return list(found.items())


def project_name(random: Random, place: str) -> str:
    """Such as 浏阳市长寿路（人民路至环城路）雨污分流改造工程二期."""
    work, phase = random.choice(WORKS), random.choice(PHASES)
    return f"{place}{random.choice(_WHERE)(random)}{work}{phase}"


def amount(random: Random) -> str:
    """In 万元 with four decimals; many small ones, a few very large ones."""
    return f"{min(random.lognormvariate(7, 1.4), 900_000):.4f}"


def skewed(count: int, *, steep: float = 1.1) -> list[float]:
    """Cumulative weights of `count` things of which the first come up most, for Random.choices."""
    return list(itertools.accumulate(1 / (at + 1) ** steep for at in range(count)))


def _company_code(random: Random) -> str:
    body = f"914301{random.randrange(100):02d}MA" + "".join(random.choices(LETTERS, k=7))
    return body + str(uscc.calc_check_digit(body))


def _street(random: Random) -> str:
    return f"{random.choice(STREETS)}路"


def _stretch(random: Random) -> str:
    return f"{random.choice(STREETS)}路（{random.choice(STREETS)}路至{random.choice(STREETS)}路）"


def _estate(random: Random) -> str:
    return f"{random.choice(ESTATES)}{random.choice(STREETS)}{random.choice(ESTATE_KINDS)}"


_WHERE: tuple[Callable[[Random], str], ...] = (_street, _stretch, _estate, _estate)
