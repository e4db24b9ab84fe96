"""Addresses of supervision."""

from django.urls import path

from bangfu.supervision.pages import above, findings, posts, rehearsal, revisits, samples, watch

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
    path("fieldwork/findings/above/", above.above, name="above"),
    path("fieldwork/findings/above/template/", above.above_template, name="above-template"),
    path("fieldwork/findings/<int:finding>/", findings.finding, name="finding"),
    path("areas/<area:path>/findings/export/", findings.export, name="findings-export"),
    path("fieldwork/posts-checked/", posts.posts, name="posts"),
    path("fieldwork/posts-checked/<slug:post>/", posts.post, name="post"),
    path("fieldwork/rehearsal/", rehearsal.first, name="rehearsal-first"),
    path("areas/<area:path>/rehearsal/", rehearsal.rehearsal, name="rehearsal"),
    path("areas/<area:path>/rehearsal/<slug:weakness>/", rehearsal.weakness, name="weakness"),
]
