use hat_event_types::Status;

use crate::sbs::plain_choice;

plain_choice!(Status);
