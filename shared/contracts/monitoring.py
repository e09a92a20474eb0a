"""Events of monitoring: signals back to the stages before it. None is published yet."""

TOPIC = "entaskan.monitoring"
