"""Addresses of supervision."""

from django.urls import path

from bangfu.supervision.pages import findings, posts, revisits, samples, watch

app_name = "supervision"
urlpatterns = [
    path("fieldwork/watch/", watch.watch, name="watch"),
    path("fieldwork/watch/<int:hint>/", watch.hint, name="hint"),
    path("fieldwork/samples/", samples.samples, name="samples"),
    path("fieldwork/samples/<slug:sample>/", samples.sample, name="sample"),
    path("fieldwork/samples/<slug:sample>/frame/", samples.sample_frame, name="sample-frame"),
    path("fieldwork/samples/<slug:sample>/households/", revisits.sampled, name="sampled"),
    path("fieldwork/samples/<slug:sample>/households/<int:drawn>/", revisits.one, name="revisit"),
    path("fieldwork/findings/", findings.findings, name="findings"),
    path("fieldwork/findings/<int:finding>/", findings.finding, name="finding"),
    path("areas/<area:path>/findings/export/", findings.export, name="findings-export"),
    path("fieldwork/posts-checked/", posts.posts, name="posts"),
    path("fieldwork/posts-checked/<slug:post>/", posts.post, name="post"),
]
