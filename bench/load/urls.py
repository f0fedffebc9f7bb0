"""The platform's addresses and a bare view, which is the unit of every measurement."""

from django.http import HttpResponse
from django.urls import path

from isopolis.web import urls

urlpatterns = [
    path("hello", lambda request: HttpResponse("hello", content_type="text/plain")),
    *urls.urlpatterns,
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
