//! Pages of a list, and the URLs in which a list keeps its state.

use leptos::prelude::*;
use leptos_router::{hooks::use_location, params::ParamsMap};
use model::PageRequest;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{Icon, IconName};

/// RFC 3986's unreserved characters stay readable.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `path` with a query of the pairs that hold something.
pub fn url(path: &str, query: &[(String, String)]) -> String {
    let mut url = path.to_owned();
    let mut mark = '?';
    for (key, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        url.push(mark);
        url.extend(utf8_percent_encode(key, ENCODED));
        url.push('=');
        url.extend(utf8_percent_encode(value, ENCODED));
        mark = '&';
    }
    url
}

/// The address's query, decoded once. The router decodes it twice: `a%2541b` would be read as `aAb`.
pub fn use_query_map() -> Memo<ParamsMap> {
    let search = use_location().search;
    Memo::new(move |_| search.with(|search| parse(search)))
}

fn parse(search: &str) -> ParamsMap {
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let mut query = ParamsMap::new();
    for pair in search.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        // The map decodes what is put into it.
        query.insert(decoded(key), decoded(value).replace('%', "%25"));
    }
    query
}

/// The query's value, or nothing.
pub fn text(query: &ParamsMap, key: &str) -> String {
    query.get(key).unwrap_or_default()
}

/// The wanted page: `?page=3&size=50`.
pub fn page_request(query: &ParamsMap) -> PageRequest {
    let number = |key: &str| query.get(key).and_then(|value| value.parse().ok());
    PageRequest::from_query(number("page"), number("size"))
}

/// The wanted page of a second list on the same page, whose number has another name.
pub fn second_page_request(query: &ParamsMap, name: &str) -> PageRequest {
    PageRequest::from_query(query.get(name).and_then(|value| value.parse().ok()), None)
}

fn at(path: &str, query: &[(String, String)], name: &str, page: u32, size: Option<u32>) -> String {
    let mut query = query.to_vec();
    if page > 1 {
        query.push((name.to_owned(), page.to_string()));
    }
    if let Some(size) = size.filter(|size| *size != PageRequest::default().size) {
        query.push(("size".to_owned(), size.to_string()));
    }
    url(path, &query)
}

/// Leads through a list whose length is known.
#[component]
pub fn Pagination(
    /// Path of the list.
    #[prop(into)]
    path: String,
    /// The list's filter, without page and size.
    query: Vec<(String, String)>,
    request: PageRequest,
    /// All rows that the filter matches.
    total: i64,
    /// The name of the page's number in the address, for a second list on the same page.
    #[prop(default = "page")]
    name: &'static str,
) -> impl IntoView {
    if total <= i64::from(PageRequest::default().size) && request.number == 1 {
        let count = (total > 1).then(|| view! { <p class="count">{format!("All {total} shown")}</p> });
        return view! { <div class="paging">{count}</div> }.into_any();
    }
    if request.offset() >= total {
        return view! {
            <p class="paging">
                {format!("The list ends before page {}.", request.number)} " "
                <a href=at(&path, &query, name, 1, Some(request.size))>"Go to its first page"</a>
            </p>
        }
        .into_any();
    }
    let first = request.offset() + 1;
    let last = (request.offset() + request.limit()).min(total);
    let previous = (request.number > 1).then(|| at(&path, &query, name, request.number - 1, Some(request.size)));
    let next = (last < total).then(|| at(&path, &query, name, request.number + 1, Some(request.size)));
    let sizes = PageRequest::SIZES
        .into_iter()
        .map(|size| {
            let current = (size == request.size).then_some("true");
            view! {
                <a href=at(&path, &query, name, 1, Some(size)) class="size" aria-current=current>
                    <span class="hidden">"Rows a page: "</span>
                    {size}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="paging" aria-label="Pages">
            <p class="count">{format!("{first}–{last} of {total}")}</p>
            {(name == "page")
                .then(|| {
                    view! {
                        <div class="sizes">
                            <span aria-hidden="true">"Rows"</span>
                            {sizes}
                        </div>
                    }
                })}
            <Turns previous next />
        </nav>
    }
    .into_any()
}

/// Leads through a list that only knows whether more follows.
#[component]
pub fn Pager(
    #[prop(into)] path: String,
    query: Vec<(String, String)>,
    /// 1-based.
    page: u32,
    more: bool,
) -> impl IntoView {
    let previous = (page > 1).then(|| at(&path, &query, "page", page - 1, None));
    let next = more.then(|| at(&path, &query, "page", page + 1, None));
    (previous.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="paging" aria-label="Pages">
                <p class="count">{format!("Page {page}")}</p>
                <Turns previous next />
            </nav>
        }
    })
}

/// `external` has the browser load the page anew: the ticks of selected rows stay with this page.
#[component]
fn Turns(previous: Option<String>, next: Option<String>) -> impl IntoView {
    view! {
        <div class="turns">
            {previous
                .map(|href| {
                    view! {
                        <a href=href class="button small" rel="prev external">
                            <Icon name=IconName::Back />
                            "Previous"
                        </a>
                    }
                })}
            {next
                .map(|href| {
                    view! {
                        <a href=href class="button small" rel="next external">
                            "Next"
                            <Icon name=IconName::Next />
                        </a>
                    }
                })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_was_typed_cannot_leave_its_value() {
        assert_eq!(url("/people", &pairs(&[("q", "a&b=c #+é"), ("empty", "")])), "/people?q=a%26b%3Dc%20%23%2B%C3%A9");
    }

    #[test]
    fn the_first_page_of_the_usual_size_has_the_plain_url() {
        assert_eq!(at("/launches", &[], "page", 1, Some(25)), "/launches");
        assert_eq!(at("/launches", &pairs(&[("q", "x")]), "page", 2, Some(50)), "/launches?q=x&page=2&size=50");
    }

    #[test]
    fn what_was_typed_is_read_again_as_it_was() {
        for typed in ["a%41b", "a&b=c", "50 %", "a+b", "\u{e9}\u{674e}", "%", "%zz"] {
            let url = url("/people", &pairs(&[("q", typed)]));
            assert_eq!(text(&parse(url.split_once('?').unwrap().1), "q"), typed);
        }
        assert_eq!(text(&parse("q=a+b&q2"), "q"), "a b");
    }

    #[test]
    fn nonsense_in_the_url_is_the_first_page() {
        let mut query = ParamsMap::new();
        query.insert("page", "-1".to_owned());
        query.insert("size", "7".to_owned());
        assert_eq!(page_request(&query), PageRequest::default());
    }
}
