"""The vocabulary of the field: every enum the product speaks, each member with its Chinese label.

One concept, one word. Values are what the database stores; labels are what a page shows.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A stored value with the Chinese words that name it on a page."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def by_label(cls, label: str) -> Self | None:
        """The member whose label is `label`, or None: how a spreadsheet's words become ours."""
        return next((member for member in cls if member.label == label), None)


class Tier(Word):
    """层级: where a bureau stands, and with it the level its confirmation gives (rule L1)."""

    PROVINCE = "province", "省"
    CITY = "city", "市州"
    COUNTY = "county", "县市区"


class DataLevel(Word):
    """数据等级 of one section entry, never of a project (rule L1)."""

    A = "A", "A级"
    B = "B", "B级"
    C = "C", "C级"
    D = "D", "D级"


class Kind(Word):
    """申请类型 (rule S2)."""

    SUPPLEMENT = "supplement", "补录"
    CORRECTION = "correction", "修正"
    LEVEL_UPGRADE = "level_upgrade", "等级提升"


class Subject(Word):
    """What the application is about (rule S1)."""

    ASSESSMENT = "assessment", "安全质量标准化考评结果"
    PROJECT_RECORD = "project_record", "工程项目业绩信息"


class Section(Word):
    """环节: the eight sections of a project record and the two separate assessments (rule S1)."""

    BASICS = "basics", "基本信息"
    BIDDING = "bidding", "招投标"
    DRAWING_REVIEW = "drawing_review", "施工图审查"
    CONTRACT = "contract", "合同"
    CONSTRUCTION_PERMIT = "construction_permit", "施工许可"
    COMPLETION_ACCEPTANCE = "completion_acceptance", "竣工验收"
    ACCEPTANCE_FILING = "acceptance_filing", "竣工验收备案"
    TECHNICAL_INDICATORS = "technical_indicators", "业绩技术指标"
    SAFETY_ASSESSMENT = "safety_assessment", "安全生产标准化考评"
    QUALITY_ASSESSMENT = "quality_assessment", "质量管理标准化考评"

    @property
    def subject(self) -> Subject:
        """The subject the section belongs to."""
        if self in (Section.SAFETY_ASSESSMENT, Section.QUALITY_ASSESSMENT):
            return Subject.ASSESSMENT
        return Subject.PROJECT_RECORD


class Origin(Word):
    """How the section came about; it decides the route (rule S4)."""

    ONLINE = "online", "线上办理"
    OFFLINE = "offline", "线下办理"


class Route(Word):
    """办理路径 (rule S4)."""

    NOTICE = "notice", "公示办理"
    ONLINE_CHANGE = "online_change", "线上办理事项变更"
    DRAWING_REVIEW_SYSTEM = "drawing_review_system", "转施工图审查系统办理"


class Sector(Word):
    """工程类别; the OTHER_ ones are 非房建市政类 (rules S6, V4)."""

    HOUSING = "housing", "房屋建筑"
    MUNICIPAL = "municipal", "市政"
    OTHER_POWER = "other_power", "电力"
    OTHER_AVIATION = "other_aviation", "民航"
    OTHER_MINING = "other_mining", "矿山"
    OTHER_METALLURGY = "other_metallurgy", "冶金"
    OTHER_FARMING_FORESTRY = "other_farming_forestry", "农林"
    OTHER = "other", "其他"

    @property
    def is_housing_or_municipal(self) -> bool:
        """True for 房建市政类: the others need the three checks of rule V4."""
        return self in (Sector.HOUSING, Sector.MUNICIPAL)


class Undertaking(Word):
    """承包方式 of the works the record is about (rule S6)."""

    GENERAL = "general", "工程总承包或施工总承包"
    SPECIALIST_SUBCONTRACT = "specialist_subcontract", "专业分包"


class AssessmentResult(Word):
    """考评结果 (rule S1)."""

    EXCELLENT = "excellent", "优良"
    QUALIFIED = "qualified", "合格"
    UNQUALIFIED = "unqualified", "不合格"


class DataSource(Word):
    """数据来源 of an entry, as the national data standard lists them."""

    BUSINESS = "business", "业务办理"
    REGISTERED = "registered", "信息登记"
    SUPPLEMENTED = "supplemented", "历史业绩补录"
    SHARED = "shared", "共享交换"


class Status(Word):
    """办理状态 of an application. Written by `domain.workflow.move` alone."""

    RECEIVED = "received", "已收件"
    DEFICIENT = "deficient", "待补正"
    VERIFIED = "verified", "核实属实"
    ON_NOTICE = "on_notice", "公示中"
    CONTESTED = "contested", "有异议待裁定"
    AWAITING_RECHECK = "awaiting_recheck", "异议不成立，待复核期满"
    REPORTED = "reported", "已上报"
    APPROVED = "approved", "已办结"
    REJECTED = "rejected", "不予办理"
    REFERRED = "referred", "已转出"
    WITHDRAWN = "withdrawn", "申请人已撤回"


class Channel(Word):
    """收件方式 (rule S8)."""

    CLERK = "clerk", "窗口收件"
    IMPORT = "import", "批量导入"
    ONLINE = "online", "网上申请"


class VerificationMethod(Word):
    """核实方式 (rule V3)."""

    SITE_VISIT = "site_visit", "现场踏勘"
    ARCHIVE_CHECK = "archive_check", "调阅档案资料"
    DATA_SHARING = "data_sharing", "平台信息共享"
    JOINT_REVIEW = "joint_review", "协调相关单位配合审核"


class Matter(Word):
    """核实事项: what a verification looked at; the last three are owed by rule V4."""

    CONTENT = "content", "申请内容"
    PROJECT_APPROVAL = "project_approval", "立项"
    COMMENCEMENT_REPORT = "commencement_report", "开工报告"
    COMPLETION_ACCEPTANCE = "completion_acceptance", "竣工验收"


class Finding(Word):
    """核实结论."""

    TRUE = "true", "核实属实"
    UNTRUE = "untrue", "核实不属实"
    FALSIFIED = "falsified", "弄虚作假"


class NoticeStatus(Word):
    """公示状态."""

    OPEN = "open", "公示中"
    CLOSED_CLEAR = "closed_clear", "公示期满无异议"
    CLOSED_CONTESTED = "closed_contested", "公示期满有异议"
    RETRACTED = "retracted", "已撤回"


class SightingPlace(Word):
    """公示监测看的是什么 (rule N7)."""

    PAGE = "page", "本平台公示页面"


class SightingOutcome(Word):
    """公示监测看到了什么 (rule N7)."""

    SEEN = "seen", "与公示内容一致"
    ABSENT = "absent", "没有看到公示"
    DIFFERENT = "different", "内容与公示时不一致"
    UNREACHABLE = "unreachable", "网站没有应答"


class GapDecision(Word):
    """公示中断的处理 (rule N7)."""

    EXTENDED = "extended", "延长公示期"
    ACCEPTED = "accepted", "认可，不延长"


class IdentityMode(Word):
    """身份方式 of a filer."""

    REAL_NAME = "real_name", "实名"
    CONFIDENTIAL = "confidential", "实名但要求保密"
    ANONYMOUS = "anonymous", "匿名"


class Purpose(Word):
    """What a filing that has begun is going to be."""

    OBJECTION = "objection", "异议"
    COMPLAINT = "complaint", "投诉举报"
    APPLICATION = "application", "申请"


class Disposition(Word):
    """异议理由的裁定 (rule O5)."""

    UPHELD = "upheld", "成立"
    DISMISSED = "dismissed", "不成立"
    INADMISSIBLE = "inadmissible", "不予受理"


class RecheckOutcome(Word):
    """复核结论 of the bureau above (rule O7)."""

    CONFIRMED = "confirmed", "维持原答复"
    OVERTURNED = "overturned", "纠正原答复，异议成立"


class LimitStep(Word):
    """How far a limit that runs against the office has come, in this order (rules O8, E1)."""

    WARNING = "warning", "将到期"
    DUE = "due", "今日到期"
    OVERDUE = "overdue", "已超期"


class EscalationOutcome(Word):
    """What the bureau above did with what was taken to it (rules O8, E1)."""

    INSTRUCTED = "instructed", "提出督办意见"
    RETURNED = "returned", "退回继续办理"


class Remedy(Word):
    """据实删除或修正: what is done about an untrue record entry (rule I3).

    Pages call the bureau's own act 更正, so that it is not taken for 修正, which is applied for and goes on notice.
    """

    DELETE = "delete", "删除"
    CORRECT = "correct", "更正"


class FilingStatus(Word):
    """办理状态 of an objection or a complaint, as its filer sees it."""

    RECEIVED = "received", "已收到"
    ANSWERED = "answered", "已答复"
    WITHDRAWN = "withdrawn", "已撤回"


class ComplaintMatter(Word):
    """反映的问题 (rule C1)."""

    FALSE_RECORD = "false_record", "业绩信息虚假"
    TAMPERING = "tampering", "篡改数据"
    STAFF_CONDUCT = "staff_conduct", "工作人员行为"
    DELAY = "delay", "拖延办理"
    NOTICE = "notice", "公示有问题"
    OTHER = "other", "其他问题"

    @property
    def is_about_the_office(self) -> bool:
        """True where the bureau of the matter is itself complained about (rule C2)."""
        return self not in (ComplaintMatter.FALSE_RECORD, ComplaintMatter.OTHER)


class ComplaintTarget(Word):
    """反映的对象 (rule C1)."""

    NOTICE = "notice", "公示"
    PROJECT = "project", "工程项目"
    COMPANY = "company", "企业"
    BUREAU = "bureau", "住建部门"
    PERSON = "person", "工作人员"
    OTHER = "other", "其他"


class ComplaintStatus(Word):
    """办理状态 of a complaint (rule C4). Written by `domain.complaint_moves` alone."""

    RECEIVED = "received", "已收到"
    REGISTERED = "registered", "已登记"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    PASSED_ON = "passed_on", "已转送"
    INVESTIGATING = "investigating", "调查核实中"
    CONCLUDED = "concluded", "已答复"
    RE_EXAMINING = "re_examining", "复查复核中"
    RE_EXAMINED = "re_examined", "已复查复核"
    CLOSED = "closed", "已办结"


class ComplaintStage(Word):
    """投诉举报的每一轮办理 (rules C3, C5)."""

    ANSWER = "answer", "办理答复"
    REOPENED = "reopened", "重新办理"
    REVIEW = "review", "复查"
    FINAL_REVIEW = "final_review", "复核"


class ComplaintFinding(Word):
    """调查结论 (rule C4)."""

    SUBSTANTIATED = "substantiated", "属实"
    PARTLY = "partly", "部分属实"
    UNSUBSTANTIATED = "unsubstantiated", "不属实"


class Rating(Word):
    """提交人的评价 (rule C5)."""

    SOLVED = "solved", "已经解决"
    PARTLY_SOLVED = "partly_solved", "部分解决"
    NOT_SOLVED = "not_solved", "没有解决"


class AlertTopic(Word):
    """What one can subscribe to hear of."""

    BUREAU = "bureau", "部门"
    PROJECT = "project", "项目"
    COMPANY = "company", "企业"
    WORD = "word", "关键词"


class AlertPace(Word):
    """How soon a subscriber hears."""

    AT_ONCE = "at_once", "有新公示就发"
    DAILY = "daily", "每天汇总一封"


class DayKind(Word):
    """日期类型 of one calendar day (rule N4)."""

    WORKDAY = "workday", "工作日"
    WEEKEND = "weekend", "周末"
    STATUTORY_HOLIDAY = "statutory_holiday", "法定节假日"
    MAKE_UP_WORKDAY = "make_up_workday", "调休上班"

    @property
    def is_working(self) -> bool:
        """True if the day counts towards a limit in working days."""
        return self in (DayKind.WORKDAY, DayKind.MAKE_UP_WORKDAY)


class Role(Word):
    """岗位 (rule A3)."""

    CLERK = "clerk", "收件岗"
    VERIFIER = "verifier", "核实岗"
    PUBLISHER = "publisher", "公示岗"
    DECIDER = "decider", "审核办理岗"
    COMPLAINT_HANDLER = "complaint_handler", "投诉处理岗"
    DISCIPLINE_OFFICER = "discipline_officer", "纪检监察岗"
    INSPECTOR = "inspector", "抽查岗"
    ACCOUNT_ADMINISTRATOR = "account_administrator", "账号管理岗"
    CALENDAR_OWNER = "calendar_owner", "日历管理岗"
    AUDITOR = "auditor", "审计岗"
    SYSTEM = "system", "系统"
