"""The web application: routes of `PAGES`, language, conditional answers, files, errors, headers.

Takes a `Door` and nothing else; holds no state but its templates and static files. Whom a request comes
from is asked once, here; every port that a page can reach is that viewer's.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Hashable, Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from fastapi import FastAPI
from jinja2 import Environment
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from ganzhi.access.refused import NotSignedInError as RefusedError
from ganzhi.access.rights import ROLES, AccessError
from ganzhi.base.errors import EngineError, GanzhiError, InputError, Issue
from ganzhi.base.ids import new_id
from ganzhi.portal.assets import Asset, load_assets, serve
from ganzhi.portal.door import NOBODY, Door, FactorOwedError, NotSignedInError
from ganzhi.portal.drawings.picture import CHART, PICTURE_FORMS, PictureForm
from ganzhi.portal.drawings.taking import MEDIA as PICTURES
from ganzhi.portal.drawings.taking import take
from ganzhi.portal.forms import BODY_LIMIT, TOKEN, BodyLimits, Form, check_origin, check_token, read_form
from ganzhi.portal.gate.cookies import ENTRY, LANG, own_cookies, set_cookie
from ganzhi.portal.gate.leaving import until_gone
from ganzhi.portal.gate.limits import Costly
from ganzhi.portal.gate.visitors import host_here
from ganzhi.portal.headers import SecurityHeaders
from ganzhi.portal.links import FORMS, Links, url
from ganzhi.portal.page import Download, Go, Html, Page
from ganzhi.portal.pages import DOWNLOADS, PAGES
from ganzhi.portal.ports.kept import Bodies, Made, key_of, nameless
from ganzhi.portal.present import Words
from ganzhi.portal.refusal import Refusal, refusal
from ganzhi.portal.sheets import ENCODINGS, Book, Sheet, csv_chunks, json_chunks, xlsx_chunks
from ganzhi.portal.templating import environment
from ganzhi.portal.visit import Visit, read_visit

LOG = logging.getLogger("ganzhi.portal")
FACTOR_PAGE = "/account/second"
OWING = frozenset({"account_second", "sign_out"})
"""Pages for somebody who must set up a second factor first."""
PROVIDER_LOGOUT = "/sign-in/oidc/logout"
VARY = "Accept-Language, Cookie, X-Partial"
MEDIA = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


@dataclass(frozen=True, slots=True)
class _Site:
    """What every answer is made with."""

    door: Door
    templates: Environment
    assets: dict[str, Asset]
    bodies: Bodies = field(default_factory=Bodies)

    def words(self, visit: Visit) -> Words:
        return Words(visit.lang, visit.context.zone)

    def visit(self, request: Request, form: str | None = None) -> Visit:
        visitor = self.door.visitor(own_cookies(request), host_here(request))
        return read_visit(request, self.door.context(visitor.viewer), visitor, form)

    def admitted(self, page: Page, request: Request, form: str | None = None) -> Visit:
        """The visit, of somebody who may have the page."""
        visit = self.visit(request, form)
        if not page.public:
            if not visit.visitor.signed_in:
                raise NotSignedInError
            if visit.visitor.owes and page.name not in OWING:
                raise FactorOwedError
            if page.needs is not None:
                visit.visitor.viewer.require(page.needs)
        return visit

    def count(self, what: Costly, visit: Visit) -> None:
        """Count what costs much, for whoever asks; TooOftenError."""
        self.door.limits.take(what, visit.visitor.viewer.login or visit.address)

    # -- pages -----------------------------------------------------------------------------------

    def set(self, visit: Visit, html: Html, page: Page | None, part: str | None = None, *, bare: bool = False) -> str:
        """A page, or one replaceable part of it. bare: without the frame that all pages have."""
        template = html.parts[part] if part else html.template
        return self._rendered(template, visit, html, page, bare=bare, page_has_files=False, **html.model)

    def _rendered(self, template: str, visit: Visit, html: Html, page: Page | None, /, **model: object) -> str:
        words = self.words(visit)
        frame = {
            "nav": None if page is None else page.nav,
            "renewed": page is not None and page.watched and html.status == 200,
            "links": html.links,
            "title": html.title,
            "crumbs": html.crumbs,
        }
        return self.templates.get_template(template).render(visit=visit, words=words, t=words.t, **frame, **model)

    def page(self, page: Page, request: Request) -> Response:
        """The answer to a page: whole, one part, or 304 when nothing changed."""
        visit = self.admitted(page, request)
        if page.rests is not None and visit.context.stands is not None:
            return self.again(page, request, visit, visit.context.stands(page.rests))
        return self.answered(page, request, visit, page.show(visit, self.words(visit)))

    def again(self, page: Page, request: Request, visit: Visit, state: Hashable) -> Response:
        """The answer to a page whose body depends on nobody's name: the body as it was set for this state."""
        wanted = request.headers.get("x-partial")
        key = key_of(page.name, visit, state, wanted)
        made = self.bodies.get(key)
        if made is None:
            plain = nameless(visit, self.door)
            done = page.show(plain, self.words(plain))
            if isinstance(done, Go):
                return self.answered(page, request, visit, done)
            part = wanted if wanted in done.parts else None
            body = Markup(self.set(plain, done, page, part, bare=True))  # noqa: S704 - our own template's output
            made = Made(replace(done, model={}), body)
            self.bodies.put(key, made)
        if wanted in made.html.parts:
            return self.sent(page, request, visit, made.html, str(made.body), wanted)
        text = self._rendered("base.html", visit, made.html, page, bare=False, body=made.body)
        return self.sent(page, request, visit, made.html, text, None)

    def acted(self, page: Page, request: Request, form: Form) -> Response:
        """The answer to a form: the page again, or where to look now."""
        visit = self.admitted(page, request)
        check_token(form.values.get(TOKEN, ""), visit.visitor.token)
        assert page.act is not None
        return self.answered(page, request, visit, page.act(visit, self.words(visit), form))

    def answered(self, page: Page, request: Request, visit: Visit, done: Html | Go) -> Response:
        """What a page came to, as an answer."""
        if isinstance(done, Html):
            return self.shown(page, request, visit, done)
        response: Response = RedirectResponse(done.to, 303, {"Cache-Control": "no-store"})
        for name, value in done.cookies.items():
            set_cookie(response, request, name, value)
        return response

    def shown(self, page: Page, request: Request, visit: Visit, html: Html) -> Response:
        """A page as an answer."""
        wanted = request.headers.get("x-partial")
        part = wanted if wanted in html.parts else None
        return self.sent(page, request, visit, html, self.set(visit, html, page, part), part)

    def sent(self, page: Page, request: Request, visit: Visit, html: Html, text: str, part: str | None) -> Response:
        """A page that is set as an answer; only that it is the same when the browser has it."""
        body = text.encode()
        tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {
            "Vary": VARY,
            "Content-Language": "zh-CN" if visit.lang == "zh" else "en",
            "Cache-Control": "no-store" if page.private else "private, no-cache",
        }
        if part:
            headers["X-Partial"] = part
        headers |= html.headers
        if not page.private:
            headers["ETag"] = tag
        if not page.private and tag in _tags(request):
            return self._with_language(visit, request, Response(status_code=304, headers=headers))
        response = Response(body, html.status, headers, media_type="text/html")
        if page.public and visit.visitor.entry is not None:
            set_cookie(response, request, ENTRY, visit.visitor.entry)
        return self._with_language(visit, request, response)

    @staticmethod
    def _with_language(visit: Visit, request: Request, response: Response) -> Response:
        if visit.lang_chosen:
            set_cookie(response, request, LANG, visit.lang)
        return response

    # -- files -----------------------------------------------------------------------------------

    def file(self, page: Page, request: Request, form: str) -> Response:
        """The tables of a page as a download."""
        visit = self.admitted(page, request, form)
        encoding = visit.choice("encoding", ENCODINGS) or "utf-8"
        wanted = visit.text("table")
        words = self.words(visit)
        assert page.book is not None
        if request.method == "HEAD":
            return Response(headers={"Cache-Control": "no-store"}, media_type=MEDIA[form])
        self.count("export", visit)
        book = page.book(visit, words)
        media = MEDIA[form] + (f"; charset={encoding}" if form == "csv" else "")
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{book.stem}.{form}"'}
        return StreamingResponse(_chunks(book, form, encoding, wanted, words), headers=headers, media_type=media)

    def picture(self, page: Page, request: Request, form: PictureForm) -> Response:
        """A chart of a page as a download."""
        visit = self.admitted(page, request, form)
        chart = visit.text(CHART)
        assert page.drawings is not None
        if request.method == "HEAD":
            return Response(headers={"Cache-Control": "no-store"}, media_type=PICTURES[form])
        self.count("picture", visit)
        given = take(page.drawings(visit, self.words(visit)), chart, form, visit.lang)
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{given.name}"'}
        return Response(given.body, headers=headers, media_type=given.media)

    def download(self, given: Download, request: Request) -> Response:
        """A file that is made whole."""
        visit = self.visit(request)
        if not visit.visitor.signed_in:
            raise NotSignedInError
        if visit.visitor.owes:
            raise FactorOwedError
        own = "" if given.called is None else f"; filename*=UTF-8''{quote(given.called(visit), safe='')}"
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{given.name}"{own}'}
        if request.method != "HEAD":
            self.count("export", visit)
        body = b"" if request.method == "HEAD" else given.make(visit)
        return Response(body, headers=headers, media_type=given.media)

    # -- errors ----------------------------------------------------------------------------------

    def refused(self, request: Request, error: Exception, form: str | None = None) -> Response:
        """The answer to an error, in the reader's language, with a way on."""
        visit = self.visit(request, form)
        if isinstance(error, FactorOwedError):
            if _is_reading(request, form):
                return RedirectResponse(FACTOR_PAGE, 303, {"Cache-Control": "no-store"})
            error = AccessError(Issue("ACC060"))
        if isinstance(error, NotSignedInError) and _is_reading(request, form):
            return _to_entrance(request, self.door.entrance)
        found = _refusal_of(visit, error)
        if found.id is not None:
            LOG.error("request failed", exc_info=error, extra={"id": found.id, "path": _logged(request)})
        headers = {"Cache-Control": "no-store", "Vary": VARY}
        if isinstance(error, HTTPException) and error.headers:
            headers |= {key: value for key, value in error.headers.items() if key.lower() == "allow"}
        if found.status == 503:
            headers["Retry-After"] = "10"
        if found.wait_s is not None:
            headers["Retry-After"] = str(found.wait_s)
        if form == "json":
            return JSONResponse(_problem(found), found.status, headers, media_type="application/problem+json")
        words = self.words(visit)
        html = Html(
            "error.html", words.t(f"error.{found.status}.title"), Links(), {"refusal": found}, status=found.status
        )
        return Response(self.set(visit, html, None).encode(), found.status, headers, media_type="text/html")


def _is_reading(request: Request, form: str | None) -> bool:
    """Whether a browser asks for a page or a file, so that it can be sent to sign in and come back."""
    return request.method == "GET" and form != "json" and not request.headers.get("x-partial")


def _to_entrance(request: Request, entrance: str) -> Response:
    """To where one signs in, and back from there."""
    query = f"?{request.url.query}" if request.url.query else ""
    back = f"{request.url.path}{query}"
    headers = {"Cache-Control": "no-store", "Vary": VARY}
    return RedirectResponse(url(entrance, {"next": back if back != "/" else None}), 303, headers)


def _logged(request: Request) -> str:
    """The path of a request as the log may have it: without the secret of a one-time link."""
    secret = request.path_params.get("secret")
    return request.url.path.replace(secret, "…") if secret else request.url.path


def _tags(request: Request) -> set[str]:
    return {tag.strip() for tag in request.headers.get("if-none-match", "").split(",")}


def _refusal_of(visit: Visit, error: Exception) -> Refusal:
    if isinstance(error, NotSignedInError):
        return Refusal(401, ())
    if isinstance(error, GanzhiError):
        return refusal(visit, error)
    if isinstance(error, HTTPException):
        status = error.status_code if error.status_code in (404, 405, 413) else 400
        return Refusal(status, ())
    return Refusal(500, (), new_id())


def _problem(found: Refusal) -> dict[str, object]:
    """RFC 9457, with our codes, parameters and remedies."""
    issues = [{"code": i.code, "parameter": i.parameter, "cause": i.cause, "remedy": i.remedy} for i in found.issues]
    return {"type": "about:blank", "status": found.status, "id": found.id, "issues": issues}


def _sheet(book: Book, wanted: str | None) -> Sheet:
    if wanted is None:
        return book.sheets[0]
    for sheet in book.sheets:
        if sheet.id == wanted:
            return sheet
    known = ", ".join(sheet.id for sheet in book.sheets)
    raise InputError(Issue("POR001", "table", params={"value": wanted[:40], "known": known}))


def _chunks(book: Book, form: str, encoding: str, wanted: str | None, words: Words) -> Iterator[bytes]:
    if form == "csv":
        return csv_chunks(book, _sheet(book, wanted), encoding)
    return json_chunks(book) if form == "json" else xlsx_chunks(book, words.t("taken.about"))


Answer = Callable[[Request], Response]


def _guarded(site: _Site, answer: Answer, form: str | None = None) -> Answer:
    """`answer`, with every error turned into a page: nothing leaves without our headers."""

    def guarded(request: Request) -> Response:
        try:
            return answer(request)
        except Exception as error:  # noqa: BLE001 - the last line before the reader
            return site.refused(request, error, form)

    return guarded


def _watched(page: Page, answer: Answer) -> Callable[[Request], Response | Awaitable[Response]]:
    return until_gone(answer) if page.slow else answer


def _routes(site: _Site) -> Iterator[Route]:
    for given in DOWNLOADS:

        def download(request: Request, given: Download = given) -> Response:
            return site.download(given, request)

        form = "json" if given.path.endswith(".json") else None
        yield Route(given.path, _guarded(site, download, form), methods=["GET"])
    for page in PAGES:
        if page.book is not None:
            for form in FORMS:

                def file(request: Request, page: Page = page, form: str = form) -> Response:
                    return site.file(page, request, form)

                yield Route(f"{page.path}.{form}", _watched(page, _guarded(site, file, form)), methods=["GET"])

        for kind in PICTURE_FORMS if page.drawings is not None else ():

            def picture(request: Request, page: Page = page, kind: PictureForm = kind) -> Response:
                return site.picture(page, request, kind)

            yield Route(f"{page.path}.{kind}", _guarded(site, picture, kind), methods=["GET"])

        def show(request: Request, page: Page = page) -> Response:
            return site.page(page, request)

        yield Route(page.path, _watched(page, _guarded(site, show)), methods=["GET"], name=page.name)
        if page.act is not None:
            yield Route(page.path, _form_answer(site, page), methods=["POST"])


def _form_answer(site: _Site, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            check_origin(request)
            if page.body > BODY_LIMIT:
                # What takes much room is read for those only who may send it.
                await run_in_threadpool(site.admitted, page, request)
            form = await read_form(request)
        except Exception as error:  # noqa: BLE001 - the last line before the reader
            return await run_in_threadpool(site.refused, request, error)
        try:
            return await run_in_threadpool(_guarded(site, lambda asked: site.acted(page, asked, form)), request)
        finally:
            for upload in form.files.values():
                upload.file.close()

    return answer


def _provider_logout(site: _Site) -> Callable[[Request], Awaitable[Response]]:
    """The identity provider says that somebody signed out there (OpenID Connect back-channel logout). It comes without
    cookies and from elsewhere; what it sends is signed."""

    def leave(token: str) -> Response:
        ports = site.door.context(NOBODY).accounts
        try:
            if ports is None:
                raise HTTPException(404)
            ports.entry.leave_by_provider(token)
        except RefusedError:
            return JSONResponse({"error": "invalid_request"}, 400, {"Cache-Control": "no-store"})
        return Response(status_code=200, headers={"Cache-Control": "no-store"})

    async def answer(request: Request) -> Response:
        try:
            token = (await read_form(request)).values.get("logout_token", "")
            return await run_in_threadpool(leave, token)
        except Exception as error:  # noqa: BLE001 - the last line before the reader
            return await run_in_threadpool(site.refused, request, error, "json")

    return answer


def _home(site: _Site) -> Answer:
    def home(request: Request) -> Response:
        """To the page that the visitor's role begins with."""
        visitor = site.visit(request).visitor
        if not visitor.signed_in:
            raise NotSignedInError
        query = f"?{request.url.query}" if request.url.query else ""
        headers = {"Cache-Control": "no-store", "Vary": VARY}
        return RedirectResponse(f"{ROLES[visitor.viewer.role].landing}{query}", 307, headers)

    return home


def _ready(door: Door) -> Answer:
    def ready(request: Request) -> Response:
        try:
            door.context(NOBODY).ready()
        except EngineError as error:
            return JSONResponse({"ready": False, "code": error.issue.code}, 503, {"Retry-After": "10"})
        except GanzhiError:
            return JSONResponse({"ready": False}, 503)
        return JSONResponse({"ready": True})

    return ready


def create_app(door: Door) -> FastAPI:
    """The portal behind a door; other rooms may add routes to what is returned."""
    assets = load_assets()
    site = _Site(door, environment(assets), assets)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    routes = [
        Route("/", _guarded(site, _home(site)), methods=["GET"]),
        Route("/healthz", lambda request: PlainTextResponse("ok"), methods=["GET"]),
        Route("/readyz", _guarded(site, _ready(door)), methods=["GET"]),
        Route("/static/{name}", _guarded(site, lambda request: serve(assets, request)), methods=["GET"]),
        Route(PROVIDER_LOGOUT, _provider_logout(site), methods=["POST"]),
        *_routes(site),
    ]
    app.router.routes.extend(routes)

    async def refused(request: Request, error: Exception) -> Response:
        return site.refused(request, error)

    handler: Callable[[Request, Exception], Awaitable[Response]] = refused
    app.add_exception_handler(HTTPException, handler)
    app.add_middleware(BodyLimits, larger={page.path: page.body for page in PAGES if page.body > BODY_LIMIT})
    app.add_middleware(GZipMiddleware, minimum_size=600, compresslevel=6)
    app.add_middleware(SecurityHeaders)
    return app
