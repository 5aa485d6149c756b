from django import template

from notifications.emails import one_line
from notifications.models import Follow
from notifications.topics import resolve

register = template.Library()

ZERO_WIDTH = "\u2060"


@register.filter
def plain_text(text: str) -> str:
    """User text in a plain mail: one line, and no address in it that a mail program would turn into a link."""
    line = one_line(str(text), 1000)
    return (
        line.replace("://", f":{ZERO_WIDTH}//")
        .replace("www.", f"www{ZERO_WIDTH}.")
        .replace("WWW.", f"WWW{ZERO_WIDTH}.")
    )


@register.inclusion_tag("includes/_follow.html", takes_context=True)
def follow_button(context, topic: str, label: str = ""):
    """The button that follows a topic, or stops. One query for who has signed in; give `label` to save another."""
    request = context["request"]
    following = (
        Follow.objects.filter(subscriber__user=request.user, topic=topic).exists()
        if request.user.is_authenticated
        else False
    )
    if not label:
        found = resolve(topic)
        label = found.label if found else ""
    return {"request": request, "user": request.user, "topic": topic, "topic_label": label, "following": following}
