//! Names of many scripts, each with the ASCII form that accounts are made from.

/// Names, language and offices that go together.
pub(super) struct Culture {
    pub language: &'static str,
    pub weight: u32,
    pub family_first: bool,
    pub offices: &'static [&'static str],
    pub given: &'static [(&'static str, &'static str)],
    pub family: &'static [(&'static str, &'static str)],
}

pub(super) const DEPARTMENTS: [&str; 10] = [
    "Engineering", "Sales", "Finance", "Human Resources", "Legal", "Logistics", "Marketing", "Research", "Support", "Procurement",
];

pub(super) const TITLES: [&str; 8] =
    ["Specialist", "Senior Specialist", "Analyst", "Engineer", "Team Lead", "Coordinator", "Consultant", "Intern"];

pub(super) static CULTURES: [Culture; 9] = [
    Culture {
        language: "de",
        weight: 30,
        family_first: false,
        offices: &["Berlin", "Hamburg", "Vienna"],
        given: &[
            ("marta", "Marta"), ("jurgen", "Jürgen"), ("soren", "Sören"), ("anneliese", "Anneliese"), ("lukas", "Lukas"), ("katja", "Katja"),
            ("matthias", "Matthias"), ("ute", "Ute"), ("florian", "Florian"), ("sabine", "Sabine"), ("rainer", "Rainer"), ("helga", "Helga"),
        ],
        family: &[
            ("mueller", "Müller"), ("schmidt", "Schmidt"), ("weiss", "Weiß"), ("kruger", "Krüger"), ("hoffmann", "Hoffmann"), ("vogel", "Vogel"),
            ("becker", "Becker"), ("schulz", "Schulz"), ("lange", "Lange"), ("brandt", "Brandt"), ("sommer", "Sommer"), ("winkler", "Winkler"),
        ],
    },
    Culture {
        language: "en",
        weight: 25,
        family_first: false,
        offices: &["London", "Dublin", "Boston"],
        given: &[
            ("olivia", "Olivia"), ("noah", "Noah"), ("amelia", "Amelia"), ("jack", "Jack"), ("grace", "Grace"), ("henry", "Henry"),
            ("ruby", "Ruby"), ("oscar", "Oscar"), ("ivy", "Ivy"), ("leo", "Leo"), ("saoirse", "Saoirse"), ("owen", "Owen"),
        ],
        family: &[
            ("smith", "Smith"), ("jones", "Jones"), ("taylor", "Taylor"), ("walsh", "Walsh"), ("murphy", "Murphy"), ("evans", "Evans"),
            ("clarke", "Clarke"), ("hughes", "Hughes"), ("bennett", "Bennett"), ("reed", "Reed"), ("foster", "Foster"), ("quinn", "Quinn"),
        ],
    },
    Culture {
        language: "es",
        weight: 15,
        family_first: false,
        offices: &["Madrid", "Bogotá"],
        given: &[("lucia", "Lucía"), ("jose", "José"), ("inigo", "Íñigo"), ("maria", "María"), ("andres", "Andrés"), ("begona", "Begoña")],
        family: &[("garcia", "García"), ("nunez", "Núñez"), ("pena", "Peña"), ("ibanez", "Ibáñez"), ("ortiz", "Ortiz"), ("vega", "Vega")],
    },
    Culture {
        language: "ru",
        weight: 6,
        family_first: false,
        offices: &["Riga"],
        given: &[("olga", "Ольга"), ("dmitri", "Дмитрий"), ("irina", "Ирина"), ("sergei", "Сергей")],
        family: &[("ivanova", "Иванова"), ("petrov", "Петров"), ("orlova", "Орлова"), ("volkov", "Волков")],
    },
    Culture {
        language: "el",
        weight: 4,
        family_first: false,
        offices: &["Athens"],
        given: &[("eleni", "Ελένη"), ("nikos", "Νίκος"), ("maria", "Μαρία")],
        family: &[("papadopoulos", "Παπαδόπουλος"), ("georgiou", "Γεωργίου")],
    },
    Culture {
        language: "ar",
        weight: 6,
        family_first: false,
        offices: &["Dubai"],
        given: &[("maryam", "مريم"), ("omar", "عمر"), ("layla", "ليلى"), ("yusuf", "يوسف")],
        family: &[("alali", "العلي"), ("hassan", "حسن"), ("mansour", "منصور")],
    },
    Culture {
        language: "zh",
        weight: 8,
        family_first: true,
        offices: &["Shanghai", "Singapore"],
        given: &[("ming", "明"), ("xiaohong", "小红"), ("wei", "伟"), ("jing", "静")],
        family: &[("li", "李"), ("wang", "王"), ("zhang", "张"), ("chen", "陈")],
    },
    Culture {
        language: "ja",
        weight: 5,
        family_first: true,
        offices: &["Tokyo"],
        given: &[("haruka", "遥"), ("kenji", "健二"), ("yui", "結衣")],
        family: &[("sato", "佐藤"), ("suzuki", "鈴木"), ("tanaka", "田中")],
    },
    Culture {
        language: "hi",
        weight: 6,
        family_first: false,
        offices: &["Pune"],
        given: &[("asha", "आशा"), ("ravi", "रवि"), ("meera", "मीरा")],
        family: &[("sharma", "शर्मा"), ("patel", "पटेल"), ("iyer", "अय्यर")],
    },
];
