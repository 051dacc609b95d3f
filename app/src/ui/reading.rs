//! What a page reads: by the server while it renders, out of the page by the browser, and from the server again when what
//! is asked for changes.
//!
//! All readings are one type of resource, whatever they hold: with a resource for each type the browser would load the whole
//! machinery of resources once for each page. And they travel as postcard: a reader of JSON has to know the name of each
//! field, and would be twice as large.

use std::{any::Any, future::Future, marker::PhantomData, pin::Pin, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use codee::{Decoder, Encoder};
use leptos::prelude::{FromServerFnError, Memo, Resource, ServerFnErrorErr, With, WithUntracked};
use serde::{Serialize, de::DeserializeOwned};

use super::Posts;
use crate::Failure;

/// A value of some type: as the server function answered it, or still as it stood in the page.
#[derive(Clone)]
enum Held {
    Value(Arc<dyn Answer>),
    Bytes(Arc<[u8]>),
}

/// A server function's answer.
trait Answer: Any + Send + Sync {
    /// Only the server writes answers into pages.
    #[cfg(feature = "ssr")]
    fn to_bytes(&self) -> Result<Vec<u8>, postcard::Error>;

    fn as_any(&self) -> &dyn Any;
}

impl<T: Serialize + Send + Sync + 'static> Answer for T {
    #[cfg(feature = "ssr")]
    fn to_bytes(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_allocvec(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

type Outcome = Result<Held, Failure>;

/// How a reading stands in the page: a mark for the outcome, then postcard in base64.
struct InPage;

const OK: &str = "+";
const FAILED: &str = "-";

impl Encoder<Outcome> for InPage {
    type Error = postcard::Error;
    type Encoded = String;

    fn encode(outcome: &Outcome) -> Result<String, postcard::Error> {
        let (mark, bytes) = match outcome {
            #[cfg(feature = "ssr")]
            Ok(Held::Value(value)) => (OK, value.to_bytes()?),
            #[cfg(not(feature = "ssr"))]
            Ok(Held::Value(_)) => (OK, Vec::new()),
            Ok(Held::Bytes(bytes)) => (OK, bytes.to_vec()),
            Err(failure) => (FAILED, postcard::to_allocvec(failure)?),
        };
        Ok(format!("{mark}{}", BASE64_STANDARD_NO_PAD.encode(bytes)))
    }
}

impl Decoder<Outcome> for InPage {
    type Error = postcard::Error;
    type Encoded = str;

    fn decode(text: &str) -> Result<Outcome, postcard::Error> {
        let bytes = |text: &str| BASE64_STANDARD_NO_PAD.decode(text).map_err(|_| postcard::Error::DeserializeBadEncoding);
        match text.strip_prefix(OK) {
            Some(held) => Ok(Ok(Held::Bytes(bytes(held)?.into()))),
            None => postcard::from_bytes(&bytes(text.trim_start_matches(FAILED))?).map(Err),
        }
    }
}

/// Something read from the server.
pub struct Reading<T> {
    resource: Resource<Outcome, InPage>,
    holds: PhantomData<fn() -> T>,
}

impl<T> Clone for Reading<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Reading<T> {}

/// What is asked for.
trait Question: Any + Send + Sync {
    fn is(&self, other: &dyn Question) -> bool;
}

impl<Q: PartialEq + Send + Sync + 'static> Question for Q {
    fn is(&self, other: &dyn Question) -> bool {
        let other: &dyn Any = other;
        other.downcast_ref() == Some(self)
    }
}

/// A question, how often it changed, and after how many forms.
#[derive(Clone)]
struct Asked {
    count: u32,
    posts: u32,
    question: Arc<dyn Question>,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count
    }
}

type Asking = Pin<Box<dyn Future<Output = Outcome> + Send>>;
type Questions = Box<dyn Fn() -> Arc<dyn Question> + Send + Sync>;
type Ask = Box<dyn Fn(&dyn Any) -> Asking + Send + Sync>;

/// Asks for what `question` names, and again whenever that changes or a form of this page was posted. The page waits for the answer, because its status and
/// title depend on it.
pub fn reading<Q, T, F>(
    question: impl Fn() -> Q + Send + Sync + 'static,
    ask: impl Fn(Q) -> F + Send + Sync + 'static,
) -> Reading<T>
where
    Q: PartialEq + Clone + Send + Sync + 'static,
    T: Serialize + Send + Sync + 'static,
    F: Future<Output = Result<T, Failure>> + Send + 'static,
{
    let ask = move |question: &dyn Any| -> Asking {
        let answer = question.downcast_ref::<Q>().cloned().map(&ask);
        Box::pin(async move {
            let answer = answer.ok_or_else(|| unreadable("another question"))?;
            answer.await.map(|value| Held::Value(Arc::new(value)))
        })
    };
    Reading { resource: resource(Box::new(move || Arc::new(question())), Box::new(ask)), holds: PhantomData }
}

/// The part that knows no types.
fn resource(question: Questions, ask: Ask) -> Resource<Outcome, InPage> {
    let asked = Memo::new(move |before: Option<&Asked>| {
        let (posts, question) = (Posts::done(), question());
        let count = match before {
            None => 0,
            Some(before) if before.posts == posts && before.question.is(&*question) => before.count,
            Some(before) => before.count.wrapping_add(1),
        };
        Asked { count, posts, question }
    });
    let answer = move |_| {
        asked.with_untracked(|asked| {
            let question: &dyn Any = &*asked.question;
            ask(question)
        })
    };
    Resource::new_with_options(move || asked.with(|asked| asked.count), answer, true)
}

impl<T: Clone + DeserializeOwned + 'static> Reading<T> {
    /// The answer, or why there is none.
    ///
    /// # Errors
    /// The server function's, or that the page does not hold what this page's script expects.
    pub async fn answer(self) -> Result<T, Failure> {
        match self.resource.await? {
            Held::Value(value) => match value.as_ref().as_any().downcast_ref::<T>() {
                Some(value) => Ok(value.clone()),
                None => Err(unreadable("another type")),
            },
            Held::Bytes(bytes) => postcard::from_bytes(&bytes).map_err(|error| unreadable(&error.to_string())),
        }
    }
}

fn unreadable(why: &str) -> Failure {
    Failure::from_server_fn_error(ServerFnErrorErr::Deserialization(why.to_owned()))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use model::{Error, access::Role};

    use super::*;

    #[test]
    fn an_outcome_survives_the_page() {
        let written = InPage::encode(&Ok(Held::Value(Arc::new(vec!["</script>é".to_owned()])))).unwrap();
        let Ok(Ok(Held::Bytes(bytes))) = InPage::decode(&written) else { panic!("{written}") };
        assert_eq!(postcard::from_bytes::<Vec<String>>(&bytes).unwrap(), ["</script>é"]);
        let failure = Failure(Error::NotAllowed { needs: vec![Role::Helpdesk] });
        let written = InPage::encode(&Err(failure.clone())).unwrap();
        assert!(matches!(InPage::decode(&written), Ok(Err(read)) if read == failure));
        assert!(InPage::decode("nonsense!").is_err());
    }
}
