"""Lists as other tools export them, and who in each may be emailed. The people are invented.

In every list, `yes` may be emailed; `no` refused, bounced or died and is suppressed; `later` is only left out.
"""

from __future__ import annotations

from typing import NamedTuple


class Export(NamedTuple):
    """A file, and the local parts of the addresses that are stored and suppressed. All others are only left out."""

    tool: str
    text: str
    stored: str
    suppressed: str


EXPORTS = (
    Export(
        "Mailchimp, cleaned",
        "Email Address,First Name,Last Name,Address,ZIP Code,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CLEAN_TIME,"
        "CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,LEID,EUID,NOTES,TAGS\n"
        'a@example.org,A,A,,28205,2,"2021-02-03 04:05:06",,"2021-02-03 04:05:06","2024-05-06 07:08:09","May",abc,1,ab,,\n',
        "",
        "a",
    ),
    Export(
        "Mailchimp, subscribed",
        "Email Address,First Name,Last Name,ZIP Code,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,LAST_CHANGED,TAGS\n"
        'a@example.org,A,A,28205,2,"2021-02-03 04:05:06",,"2021-02-03 04:05:06","2021-02-03 04:05:06","""Member"""\n',
        "a",
        "",
    ),
    Export(
        "Mailchimp, by API",
        "email_address,FNAME,zip,MEMBER_STATUS\na@example.org,A,28205,subscribed\nb@example.org,B,28205,unsubscribed\n"
        "c@example.org,C,28205,cleaned\nd@example.org,D,28205,nonsubscribed\ne@example.org,E,28205,pending\n"
        "f@example.org,F,28205,archived\ng@example.org,G,28205,transactional\n",
        "a",
        "b c",
    ),
    Export(
        "Action Network",
        "email,first_name,last_name,zip_code,can2_subscription_status,can2_phone,can2_sms_status,can2_user_tags\n"
        "a@example.org,A,A,28205,subscribed,,unsubscribed,\nb@example.org,B,B,28205,unsubscribed,,subscribed,\n"
        "c@example.org,C,C,28205,bouncing,,,\nd@example.org,D,D,28205,spam complaint,,,\n"
        "e@example.org,E,E,28205,previous bounce,,,\nf@example.org,F,F,28205,previous spam complaint,,,\n",
        "a",
        "b c d f",
    ),
    Export(
        "EveryAction",
        "VANID,Preferred Email,FirstName,LastName,Zip/Postal,EmailSubscriptionStatus,Deceased,DoNotCall,NoEmail\n"
        "1,a@example.org,A,A,28205,Subscribed,,Yes,\n2,b@example.org,B,B,28205,Unsubscribed,,,\n"
        "3,c@example.org,C,C,28205,Not Subscribed,,,\n4,d@example.org,D,D,28205,Subscribed,True,,\n"
        "5,e@example.org,E,E,28205,Subscribed,,,Yes\n",
        "a",
        "b d e",
    ),
    Export(
        "NationBuilder",
        "nationbuilder_id,email,email1,email1_is_bad,email2,email2_is_bad,email_opt_in,is_deceased,do_not_contact,"
        "do_not_call,federal_donotcall,mobile_opt_in,unsubscribed_at,first_name,primary_zip,primary_state\n"
        "1,a@example.org,a@example.org,false,x@example.org,true,true,false,false,true,true,false,,A,28205,NC\n"
        "2,b@example.org,b@example.org,true,,false,true,false,false,false,false,false,,B,28205,NC\n"
        "3,c@example.org,c@example.org,false,,false,false,false,false,false,false,false,,C,28205,NC\n"
        "4,d@example.org,d@example.org,false,,false,true,true,false,false,false,false,,D,28205,NC\n"
        "5,e@example.org,e@example.org,false,,false,true,false,true,false,false,false,,E,28205,OK\n"
        '6,f@example.org,f@example.org,false,,false,true,false,false,false,false,false,"2024-01-02T03:04:05-05:00",F,28205,NC\n',
        "a",
        "b d e f",
    ),
    Export(
        "Salesforce",
        "Id,FirstName,LastName,Email,MailingPostalCode,HasOptedOutOfEmail,HasOptedOutOfFax,DoNotCall,EmailBouncedReason,"
        "EmailBouncedDate,IsEmailBounced,npsp__Deceased__c,npsp__Do_Not_Contact__c\n"
        "1,A,A,a@example.org,28205,false,true,true,,,false,false,false\n2,B,B,b@example.org,28205,true,false,false,,,false,false,false\n"
        "3,C,C,c@example.org,28205,false,false,false,550 unknown,2024-01-02T03:04:05.000Z,true,false,false\n"
        "4,D,D,d@example.org,28205,false,false,false,,,false,true,false\n5,E,E,e@example.org,28205,false,false,false,,,false,false,true\n",
        "a",
        "b c d e",
    ),
    Export(
        "Salesforce report",
        '"First Name","Last Name","Email","Mailing Zip/Postal Code","Email Opt Out","Fax Opt Out","Do Not Call"\n'
        '"A","A","a@example.org","28205","0","1","1"\n"B","B","b@example.org","28205","1","0","0"\n',
        "a",
        "b",
    ),
    Export(
        "CiviCRM",
        '"Contact ID","First Name","Do Not Phone","Do Not Email","Do Not Mail","Do Not Sms","Do Not Trade",'
        '"NO BULK EMAILS (User Opt Out)","Deceased / Closed","Deceased Date","Email","On Hold","Hold Date","Postal Code"\n'
        "1,A,Yes,No,Yes,Yes,Yes,No,No,,a@example.org,No,,28205\n2,B,No,No,No,No,No,No,No,,b@example.org,On Hold Opt Out,,28205\n"
        "3,C,No,No,No,No,No,No,No,2024-01-02,c@example.org,No,,28205\n4,D,No,1,No,No,No,No,No,,d@example.org,No,,28205\n",
        "a",
        "b c d",
    ),
    Export(
        "listmonk, subscriptions",
        "uuid,email,name,status,subscription_status,zip\n1,a@example.org,A A,enabled,confirmed,28205\n"
        "2,b@example.org,B B,enabled,unsubscribed,28205\n3,c@example.org,C C,enabled,unconfirmed,28205\n",
        "a",
        "b",
    ),
    Export(
        "HubSpot",
        "Record ID,First Name,Email,Postal Code,Lead Status,Lifecycle Stage,Unsubscribed from all email,"
        '"Opted out of email: Monthly news",Email hard bounce reason,Invalid email address,Marketing contact status\n'
        "1,A,a@example.org,28205,Unqualified,Lead,false,,,false,Marketing contact\n"
        "2,B,b@example.org,28205,New,Lead,true,,,false,Marketing contact\n"
        "3,C,c@example.org,28205,New,Lead,false,true,,false,Marketing contact\n"
        "4,D,d@example.org,28205,New,Lead,false,,Unknown user,false,Marketing contact\n"
        "5,E,e@example.org,28205,New,Lead,,,,,Non-marketing contact\n",
        "a",
        "b d",
    ),
    Export(
        "Brevo",
        "CONTACT ID;EMAIL;FIRSTNAME;LASTNAME;ZIP;DOUBLE_OPT-IN;EMAIL_BLACKLISTED;SMS_BLACKLISTED\n"
        "1;a@example.org;A;A;28205;Yes;No;Yes\n2;b@example.org;B;B;28205;Yes;Yes;No\n3;c@example.org;C;C;28205;No;No;No\n",
        "a",
        "b",
    ),
    Export(
        "Constant Contact",
        '"Email address","First name","Zip/Postal","Email status","Email permission status","Confirmed Opt-Out Date",'
        '"Confirmed Opt-Out Source","Confirmed Opt-Out Reason"\n'
        '"a@example.org","A","28205","Active","Express","","",""\n'
        '"b@example.org","B","28205","Unsubscribed","Unsubscribed","2024-01-02 03:04","Contact","Too many"\n'
        '"c@example.org","C","28205","Awaiting Confirmation","Awaiting Confirmation","","",""\n'
        '"d@example.org","D","28205","No Permissions Set","","","",""\n'
        '"e@example.org","E","28205","Temp Hold","Implied","","",""\n',
        "a",
        "b",
    ),
    Export(
        "ActiveCampaign",
        "Email,First Name,Status,Bounced Hard,Bounced Soft,Unsubscribed Date,*Zip\na@example.org,A,Active,0,0,,28205\n"
        "b@example.org,B,Unsubscribed,0,0,2024-01-02,28205\nc@example.org,C,Bounced,1,0,,28205\n"
        "d@example.org,D,Unconfirmed,0,0,0000-00-00 00:00:00,28205\ne@example.org,E,Active,0,0,0000-00-00 00:00:00,28205\n",
        "a e",
        "b c",
    ),
    Export(
        "MailerLite",
        "Subscriber,Name,Status,Subscribed,Unsubscribed,ZIP\n".replace("Subscriber", "Email")
        + "a@example.org,A,active,2023-01-02 03:04:05,,28205\n"
        "b@example.org,B,unsubscribed,2023-01-02 03:04:05,2024-01-02 03:04:05,28205\nc@example.org,C,junk,,,28205\n",
        "a",
        "b c",
    ),
    Export(
        "Kit",
        "first_name,email,state,created_at,zip\nA,a@example.org,active,2024-01-02,28205\n"
        "B,b@example.org,cancelled,2024-01-02,28205\nC,c@example.org,bounced,2024-01-02,28205\n"
        "D,d@example.org,complained,2024-01-02,28205\nE,e@example.org,inactive,2024-01-02,28205\n",
        "a",
        "b c d",
    ),
    Export(
        "Ghost",
        "id,email,name,note,subscribed_to_emails,complimentary_plan,created_at,deleted_at,labels,zip\n"
        "1,a@example.org,A,,true,false,2024-01-02T03:04:05.000Z,,,28205\n"
        "2,b@example.org,B,,false,false,2024-01-02T03:04:05.000Z,,,28205\n"
        "3,c@example.org,C,,true,false,2024-01-02T03:04:05.000Z,2024-05-06T07:08:09.000Z,,28205\n",
        "a",
        "",
    ),
    Export(
        "Substack",
        "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at,zip\n"
        "a@example.org,false,,other,false,2024-01-02T03:04:05.000Z,,28205\n"
        "b@example.org,true,2025-01-02,yearly,true,2024-01-02T03:04:05.000Z,2024-01-02,28205\n",
        "a",
        "b",
    ),
    Export(
        "Shopify",
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Zip,Accepts SMS Marketing,Tax Exempt\n"
        "1,A,A,a@example.org,yes,'28205,no,no\n2,B,B,b@example.org,no,'28205,yes,yes\n",
        "a",
        "",
    ),
    Export(
        "Sendy",
        'Name,Email,zip,Status\nA,a@example.org,28205,Subscribed\nB,b@example.org,28205,"Marked as spam"\n'
        "C,c@example.org,28205,Soft bounced\nD,d@example.org,28205,Bounced\nE,e@example.org,28205,Unconfirmed\n",
        "a",
        "b d",
    ),
    Export(
        "SendGrid, bounces",
        'status,reason,email,created,zip\n5.1.1,"550 5.1.1 unknown user",a@example.org,1700000000,28205\n'
        '4.2.2,"452 mailbox full",b@example.org,1700000000,28205\n',
        "",
        "a",
    ),
    Export(
        "GetResponse",
        "email,name,zip,added_on,unsubscribed_on,unsubscribe_reason\na@example.org,A,28205,2024-01-02,,\n"
        "b@example.org,B,28205,2024-01-02,2024-05-06,user\n",
        "a",
        "b",
    ),
    Export(
        "Zoho",
        "Contact Email,First Name,Zip Code,Contact Status,Email Opt Out,Unsubscribed Mode,Unsubscribed Time\n".replace(
            "Contact Email", "Email"
        )
        + "a@example.org,A,28205,Active,false,,\nb@example.org,B,28205,Do-Not-Mail,false,,\n"
        "c@example.org,C,28205,Active,true,Manual,2024-01-02 03:04\n",
        "a",
        "b c",
    ),
    Export(
        "Klaviyo",
        "Email,First Name,Zip Code,Email Marketing Consent,SMS Marketing Consent,Email Suppressions\n"
        "a@example.org,A,28205,SUBSCRIBED,UNSUBSCRIBED,\nb@example.org,B,28205,UNSUBSCRIBED,SUBSCRIBED,\n"
        "c@example.org,C,28205,NEVER_SUBSCRIBED,,\n",
        "a",
        "b",
    ),
    Export(
        "Campaign Monitor",
        "Email Address,Name,State,Date,Zip\na@example.org,A,Active,2024-01-02,28205\nb@example.org,B,Deleted,,28205\n"
        "c@example.org,C,Unsubscribed,,28205\n",
        "a",
        "c",
    ),
    Export(
        "Raiser's Edge",
        "Constituent ID,First name,Email address,ZIP,Requests no email,Deceased,Inactive reason\n"
        "1,A,a@example.org,28205,No,No,\n2,B,b@example.org,28205,Yes,No,\n3,C,c@example.org,28205,No,Yes,\n",
        "a",
        "b c",
    ),
    Export(
        "Wix",
        "First Name,Email 1,Email subscriber status,Address 1 - Zip\n".replace("Email 1", "Email").replace(
            "Address 1 - Zip", "Zip"
        )
        + "A,a@example.org,Subscribed,28205\nB,b@example.org,Never subscribed,28205\nC,c@example.org,Unsubscribed,28205\n",
        "a",
        "c",
    ),
    Export(
        "AWeber",
        "Email,Name,Status,Stop Time,Stop Status,Zip\na@example.org,A,subscribed,,,28205\n"
        "b@example.org,B,unsubscribed,2024-01-02 03:04,unsubscribed,28205\n",
        "a",
        "b",
    ),
    Export(
        "a spreadsheet in Spanish",
        "Correo electrónico;Nombre;Código postal;Estado;Fecha de baja;No enviar correo;Fallecido\n"
        "a@example.org;A;28205;Activo;;No;No\nb@example.org;B;28205;Baja;;No;No\nc@example.org;C;28205;Activa;02/01/2024;No;No\n"
        "d@example.org;D;28205;Activo;;Sí;No\ne@example.org;E;28205;Activo;;No;Sí\nf@example.org;F;28205;Pendiente;;No;No\n"
        "g@example.org;G;28205;Carolina del Norte;;No;No\n",
        "a g",
        "b c d e",
    ),
    Export(
        "a spreadsheet by hand",
        "e-mail,zip,Status\na@example.org,28205,Active\nb@example.org,28205,Unsubscribed on 3/4/21\n"
        "c@example.org,28205,Bounced (hard)\nd@example.org,28205,No - asked to stop\ne@example.org,28205,never subscribed\n"
        "f@example.org,28205,no longer subscribed\ng@example.org,28205,Gold\nh@example.org,28205,NULL\n"
        "i@example.org,28205,active (import 2024)\nj@example.org,28205,unsubscribed from the weekly digest\n"
        "k@example.org,28205,DO NOT EMAIL\nl@example.org,28205,not unsubscribed\n",
        "a h i l",
        "b c d f k",
    ),
    Export(
        "columns that are about something else",
        "email,zip,Do Not Call,Do Not Mail,SMS Opt Out,Unsubscribe URL,Marital Status,Membership Status,State,OPTIN_TIME\n"
        "a@example.org,28205,Yes,Yes,Yes,https://example.org/u/1,Single,inactive,OK,2024-01-02\n"
        "b@example.org,28205,No,No,No,https://example.org/u/2,Widowed,active,NC,2024-01-02\n",
        "a b",
        "",
    ),
)
