"""订阅提醒 by e-mail: ask, confirm, end. A letter links to a page with a button: mail scanners open links."""

from __future__ import annotations

from flask import Blueprint, Response, request
from sqlalchemy import select
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from portal import clock
from portal.domain import alerts, mail_addresses, policy
from portal.domain.alerts import Wish
from portal.domain.errors import RuleViolation
from portal.extensions import begin_write, csrf, db
from portal.models.bureau import Bureau
from portal.models.words import AlertPace, AlertTopic, Tier
from portal.public.forms import PublicForm
from portal.web.access import settings
from portal.web.pages import attempt, go, page, refuse, typed
from portal.web.visitors import address_key

bp = Blueprint("alerts", __name__, url_prefix="/alerts")
PACES = [SelectChoice(pace.value, pace.label) for pace in AlertPace]
PARAMETERS = {topic: "q" if topic is AlertTopic.WORD else topic.value for topic in AlertTopic}
"""How an address names what the visitor comes from: ?bureau=430100, ?project=…, ?company=…, ?q=…"""


class PaceForm(PublicForm):
    """How soon to hear."""

    pace = RadioField(
        "多久发一次",
        choices=PACES,
        default=AlertPace.DAILY.value,
        validators=[InputRequired("请选择多久发一次")],
    )


class AlertForm(PaceForm):
    """What to hear of, and where to. One of the fields that carry a topic's name is shown and read."""

    bureau = SelectField("部门", validate_choice=False)
    project = StringField("项目编号", validators=[Length(max=60, message="项目编号太长")])
    company = StringField("统一社会信用代码", validators=[Length(max=60, message="统一社会信用代码太长")])
    word = StringField("关键词", validators=[Length(max=60, message="关键词太长")])
    address = StringField(
        "邮箱", validators=[InputRequired("请填写邮箱"), Length(max=254, message="邮箱地址太长，请核对")]
    )

    def validate_address(self, field: StringField) -> None:
        """What the verb would refuse, said together with everything else that is wrong."""
        if not field.errors:
            try:
                mail_addresses.checked(field.data or "")
            except RuleViolation as refusal:
                raise ValidationError(refusal.message) from None


@bp.get("")
def new() -> Response:
    """Ask what to hear of and where to; PARAMETERS fill in what the visitor comes from."""
    topic = next((each for each, name in PARAMETERS.items() if name in request.args), AlertTopic.BUREAU)
    said = typed(request.args.get(PARAMETERS[topic]))
    return _form(AlertForm(data={topic.value: said}), topic, known=_understood(topic, said))


@bp.post("")
@csrf.exempt  # see PublicForm
def create() -> Response:
    """Queue the letter that asks for confirmation."""
    said = request.form.get("topic")
    form, topic = AlertForm(), AlertTopic(said) if said in set(AlertTopic) else AlertTopic.BUREAU
    if not _ready():
        return _form(form, topic, 409)
    fits, wanted = form.validate(), _wanted(form, topic)
    if not fits or wanted is None:
        return _form(form, topic, form.status)
    begin_write()
    asked = attempt(form, lambda: _subscribe(wanted, form))
    return _form(form, topic, form.status) if asked is None else go("public.alerts.asked")


@bp.get("/asked")
def asked() -> Response:
    """What happens next; the same for everyone, so that nobody learns who is subscribed."""
    names = ("confirm_hours", "letters_per_day", "most_per_address")
    hours, letters, most = policy.values(clock.today(), *(f"alerts.{name}" for name in names))
    return page("public/alerts/asked.html", hours=hours, letters=letters, most=most)


@bp.get("/<token>")
def show(token: str) -> Response:
    """The subscription a letter belongs to, with the buttons that confirm, change or end it."""
    return _show(token, PaceForm(data={"pace": alerts.find(token, now=clock.now()).pace.value}))


@bp.post("/<token>/confirmation")
@csrf.exempt  # the token in the address is the secret
def confirm(token: str) -> Response:
    """The owner of the address says yes, and how often."""
    form = PaceForm()
    if not form.validate():
        return _show(token, form, form.status)
    begin_write()
    alerts.confirm(token, AlertPace(form.pace.data), now=clock.now())
    db.session.commit()
    return go("public.alerts.show", token=token)


@bp.get("/<token>/unsubscription")
def ending(token: str) -> Response:
    """Where a mail program leads that cannot post: one button, for programs that look at links press none."""
    subscription = alerts.find(token, now=clock.now())
    return page("public/alerts/ending.html", subscription=subscription, token=token)


@bp.post("/<token>/unsubscription")
@csrf.exempt  # one click in a mail program (RFC 8058): it has no form of ours
def unsubscribe(token: str) -> Response:
    """End it at once, whatever else was sent; again and again the same answer."""
    begin_write()
    alerts.unsubscribe(token)
    db.session.commit()
    return page("public/alerts/ended.html")


def _wanted(form: AlertForm, topic: AlertTopic) -> Wish | None:
    """What is to be subscribed to; None if it finds nothing, and the form then says why."""
    try:
        return alerts.wish(topic, form[topic.value].data or "")
    except RuleViolation as refusal:
        refuse(form, refusal)
        return None


def _subscribe(wanted: Wish, form: AlertForm) -> bool:
    pace = AlertPace(form.pace.data)
    alerts.subscribe(wanted, form.address.data, pace, visitor=address_key(), now=clock.now())
    return True


def _understood(topic: AlertTopic, said: str) -> Wish | None:
    """What the address means, if it means anything."""
    try:
        return alerts.wish(topic, said) if said else None
    except RuleViolation:
        return None


def _ready() -> bool:
    """Whether letters can be sent, with links that lead back here."""
    told = settings()
    return bool(told.smtp_url and told.mail_from and told.site_url)


def _form(form: AlertForm, topic: AlertTopic, status: int = 200, *, known: Wish | None = None) -> Response:
    form.bureau.choices = _bureaus()
    names = ("asked_per_visitor", "letters_per_day", "digest_hour", "refused_days")
    limits = policy.values(clock.today(), *(f"alerts.{name}" for name in names))
    asked_an_hour, letters_a_day, hour, refused_days = limits
    return page(
        "public/alerts/new.html",
        form=form,
        topic=topic,
        known=known,
        choices=[(each, {name: ""}) for each, name in PARAMETERS.items()],
        ready=_ready(),
        asked_an_hour=asked_an_hour,
        letters_a_day=letters_a_day,
        digest_hour=hour,
        refused_days=refused_days,
        status=status,
    )


def _show(token: str, form: PaceForm, status: int = 200) -> Response:
    return page(
        "public/alerts/show.html",
        subscription=alerts.find(token, now=clock.now()),
        token=token,
        form=form,
        digest_hour=policy.value("alerts.digest_hour", clock.today()),
        status=status,
    )


def _bureaus() -> list[SelectChoice]:
    """The province, then each first-level bureau followed by the counties below it."""
    query = select(Bureau.id, Bureau.code, Bureau.area_name, Bureau.tier, Bureau.parent_id).order_by(Bureau.sort)
    found = db.session.execute(query).all()
    whole = [SelectChoice(each.code, "全省") for each in found if each.tier is Tier.PROVINCE]
    return whole + [
        SelectChoice(each.code, each.area_name if each is city else f"　{each.area_name}")
        for city in found
        if city.tier is Tier.CITY
        for each in (city, *(county for county in found if county.parent_id == city.id))
    ]
